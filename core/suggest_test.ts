import assert from "node:assert/strict";
import { suggest } from "./suggest.ts";

const KEYS = ["agent", "capability", "needs", "timeout", "if"];

Deno.test("suggest() finds the near spelling", () => {
  const pairs: [string, string][] = [
    ["agnet", "agent"],
    ["Agent", "agent"],
    ["capabilty", "capability"],
    ["need", "needs"],
    ["timout", "timeout"],
    ["time-out", "timeout"],
    ["fi", "if"],
  ];
  for (const [text, wanted] of pairs) assert.equal(suggest(text, KEYS), wanted, text);
});

Deno.test("suggest() is silent when nothing is near", () => {
  for (const text of ["", "zebra", "retry", "xyz"]) assert.equal(suggest(text, KEYS), null, text);
  assert.equal(suggest("agent", []), null);
});
