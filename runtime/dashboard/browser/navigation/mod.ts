/**
 * Places in the page and keys that lead to them.
 *
 * @module
 */
export { href, matchPath, path, type Place, type PlaceQuery, readPlace } from "./address.ts";
export { changeQuery, navigate, place } from "./router.ts";
export { type Shortcut, shortcuts } from "./shortcuts.ts";
export { useShortcuts } from "./use_shortcuts.ts";
