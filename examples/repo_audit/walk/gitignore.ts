/**
 * `.gitignore` as git reads it: each directory may have its own file, the deepest one that says
 * anything about a path decides, and nothing below an ignored directory can be taken back
 * (gitignore(5)). The patterns themselves are matched by the npm package `ignore`.
 *
 * @module
 */
import ignore, { type Ignore } from "ignore";

/** The patterns that hold in one directory, with those of the directories above it. */
export interface IgnoreScope {
  /** Directory that the patterns are relative to: empty for the root, else it ends in `/`. */
  base: string;
  rules: Ignore | null;
  parent: IgnoreScope | null;
}

/**
 * Opens the scope of a directory.
 *
 * @param base as {@linkcode IgnoreScope.base}
 * @param patterns text of the directory's `.gitignore`; empty when it has none
 */
export function openScope(
  parent: IgnoreScope | null,
  base: string,
  patterns: string,
): IgnoreScope {
  if (patterns.trim() === "") return parent ?? { base, rules: null, parent: null };
  const rules = ignore({ ignorecase: false }).add(patterns.replace(/^\uFEFF/, ""));
  return { base, rules, parent };
}

/** Whether git would ignore `path`. The caller does not ask for paths below an ignored directory. */
export function isIgnored(scope: IgnoreScope, path: string, isDirectory: boolean): boolean {
  for (let at: IgnoreScope | null = scope; at !== null; at = at.parent) {
    if (at.rules === null) continue;
    const relative = path.slice(at.base.length) + (isDirectory ? "/" : "");
    const verdict = at.rules.test(relative);
    if (verdict.ignored) return true;
    if (verdict.unignored) return false;
  }
  return false;
}
