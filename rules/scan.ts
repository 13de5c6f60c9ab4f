/**
 * Finds where things end in CEL text without parsing it: string literals and brackets.
 *
 * @module
 */

/** Where the string literal that opens at `at` ends (exclusive), or `null` when it never does. */
export function endOfString(text: string, at: number): number | null {
  const quote = text[at]!;
  const isTriple = text.startsWith(quote.repeat(3), at);
  const close = isTriple ? quote.repeat(3) : quote;
  const isRaw = /(^|[^\w])[bB]?[rR][bB]?$/.test(text.slice(Math.max(0, at - 3), at));
  for (let i = at + close.length; i < text.length; i++) {
    if (text[i] === "\\" && !isRaw) i++;
    else if (!isTriple && text[i] === "\n") return null;
    else if (text.startsWith(close, i)) return i + close.length;
  }
  return null;
}

/**
 * Where the `}}` of a `${{` begins, or `null` when it is missing. Braces of CEL maps and braces
 * inside string literals do not count.
 */
export function endOfExpression(text: string, from: number): number | null {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === "'" || char === '"') {
      const end = endOfString(text, i);
      if (end === null) return nextClose(text, i);
      i = end - 1;
    } else if (char === "{") depth++;
    else if (char === "}") {
      if (depth === 0 && text[i + 1] === "}") return i;
      depth--;
    }
  }
  return null;
}

/** With an unclosed string the nearest `}}` is the best guess, so that CEL can say what is wrong. */
function nextClose(text: string, from: number): number | null {
  const at = text.indexOf("}}", from);
  return at < 0 ? null : at;
}

/** A bracket or quote that has no partner, with its offset. */
export interface Unpaired {
  char: string;
  offset: number;
}

const PARTNER: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** The first bracket or quote without a partner, and how deep brackets nest. */
export function scanBrackets(text: string): { unpaired: Unpaired | null; depth: number } {
  const open: Unpaired[] = [];
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "'" || char === '"') {
      const end = endOfString(text, i);
      if (end === null) return { unpaired: { char, offset: i }, depth };
      i = end - 1;
    } else if ("([{".includes(char)) depth = Math.max(depth, open.push({ char, offset: i }));
    else if (char in PARTNER && open.pop()?.char !== PARTNER[char]) {
      return { unpaired: { char, offset: i }, depth };
    }
  }
  return { unpaired: open[0] ?? null, depth };
}
