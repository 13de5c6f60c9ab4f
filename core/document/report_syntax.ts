/**
 * Says what is wrong with YAML text in words that do not need the YAML specification.
 *
 * @module
 */
import type { Document, YAMLParseError } from "yaml";
import defer * as yaml from "yaml";
import type { Finding, IssueList } from "./issue_list.ts";

/** Codes of errors that are often only the echo of an earlier one. */
const ECHOES = new Set([
  "UNEXPECTED_TOKEN",
  "IMPOSSIBLE",
  "MISSING_CHAR",
  "BAD_INDENT",
  "BLOCK_AS_IMPLICIT_KEY",
  "MULTILINE_IMPLICIT_KEY",
  "BAD_SCALAR_START",
]);

/** Reports syntax errors, each cause once. */
export function reportSyntax(
  document: Document.Parsed,
  text: string,
  issues: IssueList,
): void {
  const sorted = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]);
  for (const [i, error] of sorted.entries()) {
    if (i > 0 && (ECHOES.has(error.code) || error.code === sorted[i - 1]!.code)) continue;
    const offset = placeOf(error, document, text);
    issues.add({ offset, pointer: "" }, explain(error, text, offset));
  }
}

/** Where the cause is: YAML notices an unclosed quote only at the end of the file. */
function placeOf(error: YAMLParseError, document: Document.Parsed, text: string): number {
  let offset = Math.min(error.pos[0], text.length);
  if (error.code === "MISSING_CHAR" && /quote/.test(error.message)) {
    yaml.visit(document, {
      Scalar(_, node) {
        const isOpen = node.type?.startsWith("QUOTE") && (node.range?.[1] ?? 0) >= offset;
        if (isOpen) offset = node.range![0];
        return isOpen ? yaml.visit.BREAK : undefined;
      },
    });
  }
  while (text[offset] === " " && /(^|\n) *$/.test(text.slice(0, offset))) offset++;
  return offset;
}

function explain(error: YAMLParseError, text: string, offset: number): Finding {
  const line = text.slice(
    text.lastIndexOf("\n", offset - 1) + 1,
    (text + "\n").indexOf("\n", offset),
  );
  if (/^\s*\t/.test(line) || error.code === "TAB_AS_INDENT") {
    return {
      code: "YAML_TAB",
      message: "Cannot indent with a tab: YAML takes spaces only",
      hint: "Replace the tab with two spaces; most editors can do so for the whole file",
    };
  }
  return explainCode(error, line, text, offset) ??
    syntax(`Cannot read the YAML: ${sentence(error.message)}`, GENERAL);
}

const GENERAL =
  'Check indentation, colons and quotes; quote texts that hold ": ", "#", "{", "[" or "*"';

function explainCode(
  error: YAMLParseError,
  line: string,
  text: string,
  offset: number,
): Finding | null {
  switch (error.code) {
    case "BAD_ALIAS":
      return syntax(
        /Unresolved alias/.test(error.message)
          ? `Cannot find the anchor of ${error.message.match(/\*?[\w-]+$/)?.[0] ?? "this alias"}`
          : `Cannot read the YAML: ${sentence(error.message)}`,
        'A value that begins with "*" is an alias; quote it when it is meant as text: "*"',
      );
    case "BAD_INDENT":
      if (/flow/i.test(error.message)) {
        return syntax(
          'Cannot read the YAML: a "[" or "{" before this line is not closed, or what is in it is not indented',
          'Close it with "]" or "}" where the list or object ends',
        );
      }
      return syntax("Cannot read the YAML: this line does not line up with the ones above", INDENT);
    case "BLOCK_AS_IMPLICIT_KEY":
    case "MULTILINE_IMPLICIT_KEY":
      return syntax(
        /:\s.*:\s/.test(line)
          ? 'Cannot read the YAML: there are two ": " on one line'
          : "Cannot read the YAML: a key must be one line that ends with a colon",
        /:\s.*:\s/.test(line)
          ? 'Quote the value that holds ": "'
          : 'Write "key: value"; check the indentation',
      );
    case "MISSING_CHAR":
      return explainMissing(error.message);
    case "UNEXPECTED_TOKEN":
      return explainToken(text.slice(offset));
    case "BAD_SCALAR_START":
      return syntax(
        `Cannot begin a value with "${text[offset]}"`,
        `Quote it: "${text.slice(offset).split("\n")[0]!.trim()}"`,
      );
    case "BAD_DQ_ESCAPE":
      return syntax(
        `Cannot read the YAML: ${sentence(error.message)}`,
        "In double quotes a backslash must be doubled; or use 'single quotes'",
      );
    default:
      return null;
  }
}

function explainToken(rest: string): Finding {
  const token = /^\S+/.exec(rest)?.[0] ?? "this";
  return syntax(
    `Cannot read the YAML: "${token.slice(0, 40)}" cannot stand here`,
    /\$\{\{|^[{}]/.test(token) ? 'Put expressions in quotes: "${{ … }}"' : GENERAL,
  );
}

const INDENT =
  "Give the entries of one object the same number of spaces, and those inside it two more";

function explainMissing(message: string): Finding {
  if (/quote/.test(message)) {
    return syntax("Cannot read the YAML: a quoted text is never closed", "Add the closing quote");
  }
  const closing = /(?:ending|expected|with) (?:a )?([\]}])/.exec(message)?.[1] ??
    /[\]}]/.exec(message)?.[0];
  if (closing !== undefined) {
    return syntax(
      `Cannot read the YAML: a "${closing}" is missing`,
      `Close the list or object with "${closing}"`,
    );
  }
  if (/implicit map key/.test(message) || /':'/.test(message)) {
    return syntax("Cannot read the YAML: a colon is missing after a key", 'Write "key: value"');
  }
  return syntax(`Cannot read the YAML: ${sentence(message)}`, GENERAL);
}

function syntax(message: string, hint: string): Finding {
  return { code: "YAML_SYNTAX", message, hint };
}

/** As part of a sentence of ours: small first letter, no place, no final stop. */
function sentence(message: string): string {
  const text = message.replace(/ at line \d+.*$/s, "").replace(/[.:]\s*$/, "");
  return text[0]!.toLowerCase() + text.slice(1);
}
