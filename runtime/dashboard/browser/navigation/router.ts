/**
 * Where the page is, and how it gets elsewhere.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { href, type Place, type PlaceQuery, readPlace } from "./address.ts";

/** Where the page is now. */
export const place = signal<Place>(readPlace(location.hash));

addEventListener("hashchange", () => place.value = readPlace(location.hash));

/** Goes to a place. `isReplacing`: the back button does not come back to where this was. */
export function navigate(
  path: string,
  options: { query?: PlaceQuery; isReplacing?: boolean } = {},
): void {
  const target = href(path, options.query);
  if (target === (location.hash || "#/")) return;
  if (!options.isReplacing) {
    location.hash = target;
    return;
  }
  history.replaceState(null, "", target);
  place.value = readPlace(target);
}

/** Changes parts of the query of this place; filters do not fill the history. */
export function changeQuery(change: PlaceQuery): void {
  const { path, query } = place.peek();
  const names = new Set([...query.keys(), ...Object.keys(change)]);
  const changed = Object.fromEntries(
    [...names].map((name) => [name, name in change ? change[name] : query.getAll(name)]),
  );
  navigate(path, { query: changed, isReplacing: true });
}
