/**
 * Where the page is, and how it gets elsewhere.
 *
 * @module
 */
import { signal } from "@preact/signals";
import { href, type Place, type PlaceQuery, readPlace } from "./address.ts";

/** Where the page is now. */
export const place = signal<Place>(readPlace(location.hash));

/** The fragment that `place` was read from. */
let shown = location.hash;

addEventListener("hashchange", show);

function show(): void {
  shown = location.hash;
  place.value = readPlace(shown);
}

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
  show();
}

/**
 * Changes parts of the query of this place; filters do not fill the history. Nothing happens while
 * the page is leaving for another place: that one must not be taken back.
 */
export function changeQuery(change: PlaceQuery): void {
  // Somebody has followed a link, and the browser is yet to tell.
  if (location.hash !== shown) return;
  const { path, query } = place.peek();
  const names = new Set([...query.keys(), ...Object.keys(change)]);
  const changed = Object.fromEntries(
    [...names].map((name) => [name, name in change ? change[name] : query.getAll(name)]),
  );
  navigate(path, { query: changed, isReplacing: true });
}
