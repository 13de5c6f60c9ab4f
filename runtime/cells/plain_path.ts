/** Longer ones no file system of ours takes. */
export const PATH_CHARS_MAX = 255;

/**
 * Whether a path that somebody sent names a file below a folder: no `..`, no empty part, no drive,
 * nothing that a file system reads otherwise.
 */
export function isPlainPath(path: string): boolean {
  if (path.length === 0 || path.length > PATH_CHARS_MAX) return false;
  // deno-lint-ignore no-control-regex
  if (/[\0-\x1f\\:]/.test(path) || !path.isWellFormed()) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
