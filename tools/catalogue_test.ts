import assert from "node:assert/strict";
import { join } from "node:path";
import { ERRORS } from "../core/catalogue/mod.ts";
import { errorsPage } from "./errors_page.ts";
import { listSources } from "./sources.ts";

const ROOT = join(import.meta.dirname!, "..");
const PRODUCT = /^(core|rules|workflows|actors|plugins|runtime)\//;

/** Names in capitals that are no error codes of ours. */
const NOT_CODES = new Set([
  // Codes of the YAML parser, which are translated.
  "BAD_ALIAS",
  "BAD_DQ_ESCAPE",
  "BAD_INDENT",
  "BAD_SCALAR_START",
  "BLOCK_AS_IMPLICIT_KEY",
  "MISSING_CHAR",
  "MULTILINE_IMPLICIT_KEY",
  "TAB_AS_INDENT",
  "UNEXPECTED_TOKEN",
  // Codes of the system's resolver and of the PostgreSQL driver, which are translated, too.
  "EAI_AGAIN",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "POOL_WORN",
  // Why an agent did not get a task: docs/assignment.md has them.
  "DENIED",
  "NOT_PINNED",
  "INPUT_REFUSED",
  "PERMISSIONS_TOO_WIDE",
  "COST_TOO_HIGH",
  "NOT_CHECKED",
  "CIRCUIT_OPEN",
  "FAILED_HERE",
  "NO_BID",
  "BID_TOO_HIGH",
  "NOBODY_OFFERS",
  "AGENT_GONE",
  "ALL_BUSY",
  "BEST_BUSY",
  "OUTVOTED",
]);
const ENVIRONMENT =
  /^((DENO|DENIZEN|XDG|SSL|OTEL)_|NODE_(ENV|DEBUG)$|(NO|FORCE)_COLOR$|WAYLAND_DISPLAY$)/;

/** Codes in the sources, with the file that has them. */
async function codesInSources(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const path of await listSources(ROOT)) {
    if (!PRODUCT.test(path) || path.endsWith("_test.ts") || path.startsWith("core/catalogue/")) {
      continue;
    }
    const source = (await Deno.readTextFile(join(ROOT, path)))
      .replace(/^\s*(\/\/|\/?\*).*$/gm, "");
    const literals = [
      ...source.matchAll(/"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/g),
      ...source.matchAll(/(?:Error\(\s*|\bcode: )"([A-Z]+)"/g),
    ];
    for (const [, code] of literals) {
      if (!NOT_CODES.has(code!) && !ENVIRONMENT.test(code!)) found.set(code!, path);
    }
  }
  return found;
}

Deno.test("every error code of the source is in the catalogue", async () => {
  const unknown = [...await codesInSources()].filter(([code]) => !Object.hasOwn(ERRORS, code));
  assert.deepEqual(unknown, []);
});

Deno.test("every code of the catalogue is in the source", async () => {
  const codes = await codesInSources();
  // What an attempt may end with is a public list: agents may throw these, too.
  const stale = Object.entries(ERRORS)
    .filter(([code, entry]) => entry.category !== "attempt" && !codes.has(code))
    .map(([code]) => code);
  assert.deepEqual(stale, []);
});

Deno.test("catalogue entries read like sentences", () => {
  for (const [code, { summary, hint }] of Object.entries(ERRORS)) {
    assert.match(code, /^[A-Z][A-Z0-9_]*$/);
    for (const text of [summary, hint]) assert.match(text, /^[A-Z`].*[.!]$/s, `${code}: ${text}`);
  }
});

Deno.test("docs/errors.md has every code", () => {
  const page = errorsPage(ERRORS);
  for (const code of Object.keys(ERRORS)) assert.ok(page.includes(`\n### ${code}\n`), code);
});
