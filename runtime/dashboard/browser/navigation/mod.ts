/**
 * Places in the page and keys that lead to them.
 *
 * @module
 */
export {
  changeQuery,
  href,
  matchPath,
  navigate,
  path,
  type Place,
  place,
  type PlaceQuery,
  readPlace,
} from "./router.ts";
export { type Shortcut, shortcuts } from "./shortcuts.ts";
export { useShortcuts } from "./use_shortcuts.ts";
