/**
 * Addresses of places in the page: everything behind `#`. The node never sees it, so a one-time token
 * in it is in no log.
 *
 * @module
 */

export interface Place {
  /** Begins with a slash, such as `/runs`. */
  path: string;
  query: URLSearchParams;
}

/** The place that the fragment of an address names. */
export function readPlace(hash: string): Place {
  const text = hash.replace(/^#/, "") || "/";
  const at = text.indexOf("?");
  const path = at < 0 ? text : text.slice(0, at);
  return {
    path: path.startsWith("/") ? path : `/${path}`,
    query: new URLSearchParams(at < 0 ? "" : text.slice(at + 1)),
  };
}

export type PlaceQuery = Record<string, string | string[] | null | undefined>;

/** The address of a place in this page: `#/runs?status=failed`. What is empty is left out. */
export function href(path: string, query: PlaceQuery = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one) params.append(name, one);
    }
  }
  const text = params.toString();
  return `#${path}${text === "" ? "" : `?${text}`}`;
}

/** A path of segments that may hold any character: `` path`/runs/${id}` ``. */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: parts }, ...values.map(encodeURIComponent));
}

/**
 * Values of the `:names` of a pattern such as `/runs/:runId`; `null` when the path is another one.
 */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at]!;
    if (part.startsWith(":")) {
      const decoded = decode(value);
      if (decoded === null || decoded === "") return null;
      params[part.slice(1)] = decoded;
    } else if (part !== value) return null;
  }
  return params;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
