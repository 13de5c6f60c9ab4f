/**
 * What the tests of both kinds of files have in common: a corpus of valid and of wrong files, whose
 * issues stand beside them as a person sees them, and a JSON Schema that must agree with it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import type { Issue } from "../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";

/** One kind of files. */
export interface DocumentKind {
  /** Of the parser, for the names of tests. */
  parser: string;
  /** Folders of valid and of wrong files. */
  valid: string;
  invalid: string;
  parse(text: string, file: string): { definition: unknown; issues: readonly Issue[] };
}

/** Paths of the YAML files in a folder, in order. */
export function yamlFilesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => join(folder, name))
    .filter((path) => path.endsWith(".yaml"))
    .sort();
}

/** The issues of a file as text. */
function formatIssues(issues: readonly Issue[]): string {
  return issues.map((issue) => {
    const word = issue.severity === "warning" ? "warning " : "";
    const place = `${issue.file}:${issue.line}:${issue.column}`;
    return `${place} ${word}${issue.code} ${issue.message}\n  hint: ${issue.hint}\n`;
  }).join("");
}

/** A test for each wrong file. With `UPDATE=1` in the environment the texts are written anew. */
export function testExplanations(kind: DocumentKind): void {
  const files = yamlFilesIn(kind.invalid);
  for (const file of files) {
    const name = basename(file);
    Deno.test(`${kind.parser}() explains ${name}`, () => {
      const { definition, issues } = kind.parse(Deno.readTextFileSync(file), name);
      const text = formatIssues(issues);
      const snapshot = file.replace(/\.yaml$/, ".out");
      if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(snapshot, text);
      assert.equal(text, Deno.readTextFileSync(snapshot));
      assert.equal(definition, null);
      assert.ok(issues.some((issue) => issue.severity === "error"));
      for (const issue of issues) assertReadable(issue);
    });
  }
  Deno.test(`the corpus of ${kind.parser}() holds at least 80 wrong files`, () => {
    assert.ok(files.length >= 80, `${files.length} files`);
  });
}

function assertReadable(issue: Issue): void {
  assert.match(issue.code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  assert.match(issue.message, /^(Cannot|Read|Ignore|Skip|Fall back) .*[^.]$/s);
  assert.notEqual(issue.hint, "");
  assert.ok(issue.line >= 1 && issue.column >= 1);
}

/**
 * The schema takes every valid file, and refuses each wrong one whose mistake a schema can see.
 *
 * @param seen codes of such mistakes; the others need names, order, sums or text
 */
export function testSchema(kind: DocumentKind, schema: JsonObject, seen: readonly string[]): void {
  const validate = new Ajv2020({ strict: false, allErrors: true, logger: false }).compile(schema);
  Deno.test(`the schema accepts what ${kind.parser}() accepts`, () => {
    const files = yamlFilesIn(kind.valid);
    assert.ok(files.length >= 10, `${files.length} files`);
    for (const file of files) {
      assert.ok(validate(readYaml(file)), `${file}: ${JSON.stringify(validate.errors, null, 1)}`);
    }
  });
  Deno.test(`the schema refuses what ${kind.parser}() refuses, where a schema can see it`, () => {
    const refused = yamlFilesIn(kind.invalid).filter((file) => isVisible(kind, file, seen));
    for (const file of refused) {
      assert.equal(validate(readYaml(file)), false, `${file} passes the schema`);
    }
    assert.ok(refused.length >= 40, `${refused.length} files`);
  });
}

function isVisible(kind: DocumentKind, file: string, seen: readonly string[]): boolean {
  const { issues } = kind.parse(Deno.readTextFileSync(file), file);
  const isSyntax = issues.some((issue) => /^(YAML_(?!AMB)|NESTING|DANGEROUS)/.test(issue.code));
  return !isSyntax && issues.some((issue) => seen.includes(issue.code)) &&
    isJsonObject(readYaml(file));
}

function readYaml(file: string): Json | undefined {
  try {
    return parse(Deno.readTextFileSync(file), { version: "1.2", logLevel: "silent" });
  } catch {
    return undefined;
  }
}
