import assert from "node:assert/strict";
import { InvalidInputError } from "../../core/errors.ts";
import { readGrants } from "./agent_grants.ts";

const toPath = (path: string) => `/here/${path}`;

Deno.test("readGrants() gathers values by kind, and makes paths absolute", () => {
  const texts = ["read=src,docs", "net=a.example:443", "read=lib", "env=HOME"];
  assert.deepEqual(readGrants(texts, { toPath }), {
    read: ["/here/src", "/here/docs", "/here/lib"],
    net: ["a.example:443"],
    env: ["HOME"],
  });
  assert.deepEqual(readGrants([], { toPath }), {});
});

Deno.test("readGrants() refuses what names no kind or no value, and offers the nearest kind", () => {
  const hints: [string, RegExp][] = [
    ["raed=src", /"read="/],
    ["read=", /KIND=VALUE/],
    ["read", /"read="/],
    ["=x", /KIND=VALUE/],
    ["__proto__=x", /KIND=VALUE/],
  ];
  for (const [text, hint] of hints) {
    assert.throws(
      () => readGrants([text], { toPath }),
      (error) =>
        error instanceof InvalidInputError && error.code === "OPTION_VALUE_WRONG" &&
        hint.test(error.hint ?? ""),
      text,
    );
  }
});
