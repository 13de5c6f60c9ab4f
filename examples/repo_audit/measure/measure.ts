/**
 * Measures one file: lines, comments, and the complexity of its functions.
 *
 * @module
 */
import type { FileEntry, FileMeasure, FunctionMeasure } from "../audit_types.ts";
import { languageNamed } from "../languages.ts";
import { functionName, type Shape, shapeOf } from "./complexity.ts";
import { type Grammar, loadGrammar } from "./grammars.ts";
import { classifyLines, countNewlines, findComments } from "./lines.ts";

/** A file's own numbers and those of each of its functions, in the order of the text. */
export interface FileReading {
  file: FileMeasure;
  functions: FunctionMeasure[];
}

/** Mean length of a line, in UTF-16 units, above which a file is taken for generated: not parsed. */
const MEAN_LINE_MAX = 400;

/**
 * Calls of the parser's progress callback before it gives up on a file. They are counted rather
 * than timed, so that a busy machine does not change the report.
 */
const PARSE_STEPS_MAX = 100_000;

/** Measures a file by its bytes. */
export async function measureFile(entry: FileEntry, bytes: Uint8Array): Promise<FileReading> {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const language = languageNamed(entry.language);
  const lines = countNewlines(bytes);
  const file: FileMeasure = {
    path: entry.path,
    language: entry.language,
    bytes: bytes.length,
    lines,
    unterminated: bytes.length > 0 && bytes.at(-1) !== 0x0a,
    ...{ code: 0, comments: 0, blank: 0 },
    ...{ complexity: 0, functions: 0, nestingMax: 0, parsed: false },
  };
  const isGenerated = text.length / (lines + 1) > MEAN_LINE_MAX;
  const grammar = language.grammar && !isGenerated && await loadGrammar(language.grammar);
  const functions = grammar ? parseInto(file, text, grammar) : null;
  if (!functions) Object.assign(file, classifyLines(text, findComments(text, language)));
  return { file, functions: functions ?? [] };
}

/** Fills in what the syntax tree says; `null` when the parser gave up. */
function parseInto(file: FileMeasure, text: string, grammar: Grammar): FunctionMeasure[] | null {
  let steps = 0;
  const tree = grammar.parser.parse(text, null, {
    progressCallback: () => ++steps > PARSE_STEPS_MAX,
  });
  if (!tree) {
    grammar.parser.reset();
    return null;
  }
  try {
    const shape = shapeOf(tree, grammar);
    Object.assign(file, classifyLines(text, shape.comments), totalsOf(shape), { parsed: true });
    return shape.functions.map(({ node, ...measure }) => ({
      path: file.path,
      name: functionName(node),
      ...measure,
    }));
  } finally {
    tree.delete();
  }
}

function totalsOf(shape: Shape): Pick<FileMeasure, "complexity" | "functions" | "nestingMax"> {
  const { functions, decisionsOutside, nestingOutside } = shape;
  return {
    complexity: functions.reduce((sum, { complexity }) => sum + complexity, decisionsOutside),
    functions: functions.length,
    nestingMax: functions.reduce((max, { nesting }) => Math.max(max, nesting), nestingOutside),
  };
}
