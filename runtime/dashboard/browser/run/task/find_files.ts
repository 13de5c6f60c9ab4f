/**
 * Names of files in the output of a run.
 *
 * @module
 */

/** A path whose last part has an ending; no address of the web, no sentence. */
const FILE = /^(?!\w+:\/\/)[^\s"'<>|*?]{1,500}\.[A-Za-z][A-Za-z0-9]{0,7}$/;
const FILES_MAX = 20;

/** Whether a string may name a file. The node decides whether the run may show it. */
export function isFileName(text: string): boolean {
  return FILE.test(text) && text.includes("/");
}

/** All strings of a value that may name files, those for people first. */
export function findFiles(value: unknown): string[] {
  const found = new Set<string>();
  const open: unknown[] = [value];
  for (let at = 0; at < open.length && at < 5_000; at++) {
    const one = open[at];
    if (typeof one === "string" && isFileName(one)) found.add(one);
    else if (typeof one === "object" && one !== null) open.push(...Object.values(one));
  }
  const rank = (path: string) => /\.html?$/.test(path) ? 0 : /\.(md|pdf|txt)$/.test(path) ? 1 : 2;
  return [...found].sort((a, b) => rank(a) - rank(b)).slice(0, FILES_MAX);
}
