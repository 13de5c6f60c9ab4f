/**
 * `.gitignore` as git reads it: each directory may have its own file, the last pattern that
 * matches decides, those of deeper files count as later, and nothing below an ignored directory
 * can be taken back (gitignore(5)). The patterns are matched by the npm package `ignore`.
 *
 * @module
 */
import ignore, { type Ignore } from "ignore";

/** The patterns that hold in one directory: its own and those of the directories above it. */
export interface IgnoreScope {
  /** All of them, as if they stood in the root's file. */
  patterns: string[];
  rules: Ignore;
}

/**
 * Opens the scope of a directory.
 *
 * @param parent scope of the directory above; `null` for the root
 * @param base path of the directory: empty for the root, else it ends in `/`
 * @param text its `.gitignore`; empty when it has none
 */
export function openScope(parent: IgnoreScope | null, base: string, text: string): IgnoreScope {
  const own = text.replace(/^\uFEFF/, "").split(/\r?\n/).flatMap((line) => rebase(line, base));
  if (parent && own.length === 0) return parent;
  const patterns = [...parent?.patterns ?? [], ...own];
  return { patterns, rules: ignore({ ignorecase: false }).add(patterns) };
}

/** A pattern of the file in `base` as the root's file would have it; nothing for a comment. */
function rebase(line: string, base: string): string[] {
  if (line.trim() === "" || line.startsWith("#")) return [];
  if (base === "") return [line];
  const isNegated = line.startsWith("!");
  const pattern = isNegated ? line.slice(1) : line.replace(/^\\(?=[#!])/, "");
  const isAnchored = /\/./.test(pattern.trimEnd());
  const folder = base.replace(/[\\*?[\]!#\s]/g, "\\$&");
  const below = isAnchored ? pattern.replace(/^\//, "") : `**/${pattern}`;
  return [`${isNegated ? "!" : ""}/${folder}${below}`];
}

/** Whether git would ignore `path`. The caller does not ask for paths below an ignored directory. */
export function isIgnored(scope: IgnoreScope, path: string, isDirectory: boolean): boolean {
  return scope.rules.ignores(isDirectory ? `${path}/` : path);
}
