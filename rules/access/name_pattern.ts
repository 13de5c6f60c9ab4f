/** What a pattern of names may look like: names of workflows and tags, with `*` for any text. */
const PATTERN = /^[^\s\p{C}]{1,200}$/u;
const STARS_MAX = 8;

/** Whether a text can be a pattern: up to 200 visible characters, up to eight of them `*`. */
export function isNamePattern(text: string): boolean {
  return PATTERN.test(text) && text.split("*").length - 1 <= STARS_MAX;
}

/**
 * Whether a name fits a pattern, in which `*` stands for any text, none included. Takes the first
 * place for each part between stars, so that no name makes it slow.
 *
 * A pattern in place of the name answers whether all that fits it fits this one, too: only a star can
 * match its stars.
 */
export function fitsPattern(name: string, pattern: string): boolean {
  const parts = pattern.split("*");
  const first = parts[0]!;
  if (parts.length === 1) return name === pattern;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= name.length - last.length;
}
