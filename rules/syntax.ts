/**
 * CEL text to a syntax tree, with errors that say what to write instead.
 *
 * @module
 */
import { parse } from "@bufbuild/cel";
import { InvalidInputError } from "../core/errors.ts";
import { NESTING_MAX, SOURCE_LENGTH_MAX } from "./limits.ts";
import { scanBrackets } from "./scan.ts";

/** The tree that `@bufbuild/cel` makes. */
export type Expr = NonNullable<ReturnType<typeof parse>["expr"]>;

/** A parsed expression: its tree and where each node begins in the source. */
export interface Syntax {
  expr: Expr;
  /** UTF-16 offset of a node, by its id. */
  offsetOf(id: bigint | number): number;
}

/** A file is checked and then planned, so each expression is parsed several times in a row. */
const recent = new Map<string, Syntax>();
const RECENT_MAX = 256;

/**
 * Parses CEL. The tree is shared between callers: treat it as read-only.
 *
 * @throws {InvalidInputError} `EXPRESSION_SYNTAX` with `details.offset`
 */
export function parseSyntax(source: string): Syntax {
  const known = recent.get(source);
  if (known !== undefined) return known;
  const syntax = parseAnew(source);
  if (recent.size >= RECENT_MAX) recent.clear();
  recent.set(source, syntax);
  return syntax;
}

function parseAnew(source: string): Syntax {
  refuseUnbounded(source);
  try {
    const { expr, sourceInfo } = parse(source);
    const positions = sourceInfo?.positions ?? {};
    return { expr: expr!, offsetOf: (id) => positions[String(id)] ?? 0 };
  } catch (error) {
    throw explainSyntax(source, error);
  }
}

function refuseUnbounded(source: string): void {
  if (source.trim() === "") {
    throw syntaxError(
      "Cannot read the expression: it is empty",
      "Write an expression between ${{ and }}",
      0,
    );
  }
  if (source.length > SOURCE_LENGTH_MAX) {
    throw syntaxError(
      `Cannot accept an expression of ${source.length} characters: the most is ${SOURCE_LENGTH_MAX}`,
      "Move constant data to vars: or input:, or split the work into several tasks",
      0,
    );
  }
  const { unpaired, depth } = scanBrackets(source);
  if (unpaired !== null) throw explainUnpaired(unpaired.char, unpaired.offset);
  if (depth > NESTING_MAX) {
    throw syntaxError(
      `Cannot accept brackets that nest ${depth} deep: the most is ${NESTING_MAX}`,
      "Split the expression into several tasks with value:",
      0,
    );
  }
}

function explainUnpaired(char: string, offset: number): InvalidInputError {
  if (char === "'" || char === '"') {
    return syntaxError(
      "Cannot read the expression: a text is never closed",
      `Add the closing ${char}`,
      offset,
    );
  }
  const isOpening = "([{".includes(char);
  return syntaxError(
    `Cannot read the expression: "${char}" has no partner`,
    isOpening
      ? `Close it with "${{ "(": ")", "[": "]", "{": "}" }[char]}"`
      : "Remove it, or open it before",
    offset,
  );
}

/** Spellings of other languages, in the order in which they are looked for. */
const FOREIGN: readonly { pattern: RegExp; hint: string }[] = [
  { pattern: /===|!==/, hint: 'Compare with "==" or "!="' },
  { pattern: /(?<![=!<>])=(?![=>])/, hint: 'Compare with "=="' },
  { pattern: /(?<!&)&(?!&)/, hint: 'Join conditions with "&&"' },
  { pattern: /(?<!\|)\|(?!\|)/, hint: 'Join conditions with "||"; there are no pipes' },
  { pattern: /\bnot\b/i, hint: 'Negate with "!"' },
  { pattern: /\band\b/i, hint: 'Join conditions with "&&"' },
  { pattern: /\bor\b/i, hint: 'Join conditions with "||"' },
  { pattern: /\?\./, hint: "Write has(a.b) to ask whether a member is there" },
  { pattern: /\?\?/, hint: "Write has(a.b) ? a.b : other" },
  { pattern: /=>/, hint: "Write list.map(x, …) or list.filter(x, …)" },
  { pattern: /`/, hint: "Write texts in 'single' or \"double\" quotes" },
  { pattern: /\$/, hint: 'Names have no "$"; write input.name, tasks.id.output …' },
  { pattern: /\+\+|--|\+=/, hint: "Values cannot be changed; write x + 1" },
];

function explainSyntax(source: string, error: unknown): InvalidInputError {
  if (error instanceof RangeError) {
    return syntaxError(
      "Cannot accept an expression that nests so deep",
      "Split it into several tasks",
      0,
    );
  }
  const bare = blankStrings(source);
  const offset = offsetOfError(error, bare);
  for (const { pattern, hint } of FOREIGN) {
    const hit = pattern.exec(bare);
    if (hit) {
      return syntaxError(`Cannot read the expression: "${hit[0]}" is not CEL`, hint, hit.index);
    }
  }
  const dangling = /(&&|\|\||[=!<>]=|[-+*/%<>?:.!,])\s*$/.exec(bare);
  if (dangling) {
    const hint = `Write what follows "${dangling[1]}", or remove it`;
    return syntaxError(
      `Cannot read the expression: nothing follows "${dangling[1]}"`,
      hint,
      dangling.index,
    );
  }
  if (/reserved identifier/.test(String(error))) {
    const word = /^\w+/.exec(bare.slice(offset))?.[0] ?? "";
    return syntaxError(
      `Cannot use the reserved word "${word}" as a name`,
      "Choose another name",
      offset,
    );
  }
  const found = /^(\w+|\s*\S)/.exec(bare.slice(offset))?.[0].trim();
  return syntaxError(
    found
      ? `Cannot read the expression: "${found}" cannot stand here`
      : "Cannot read the expression: it ends too early",
    "Check for a missing operator, comma or quote. Example: tasks.list.output.count > 3",
    offset,
  );
}

/** The source with the insides of string literals blanked, so that patterns see only code. */
function blankStrings(source: string): string {
  return source.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g, (text) => "_".repeat(text.length));
}

function offsetOfError(error: unknown, source: string): number {
  const location = (error as { location?: { start?: { offset?: number } } }).location;
  const offset = Math.min(location?.start?.offset ?? 0, source.length);
  return offset + /^\s*/.exec(source.slice(offset))![0].length;
}

function syntaxError(message: string, hint: string, offset: number): InvalidInputError {
  return new InvalidInputError("EXPRESSION_SYNTAX", { message, hint, details: { offset } });
}
