import assert from "node:assert/strict";
import { chooseAgent, compareAgents, parseAgentReference } from "./agent_reference.ts";

const versions = ["1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1"].map((version) => ({
  name: "a",
  version,
  tenant: null,
}));

Deno.test("parseAgentReference() takes a name with or without a range, and nothing else", () => {
  assert.deepEqual(parseAgentReference("walker"), { name: "walker", range: null });
  assert.deepEqual(parseAgentReference("walker@^1"), { name: "walker", range: "^1" });
  for (const wrong of ["", "@1", "Walker", "__proto__", "a/b", "a@", "a@one", "a@".repeat(200)]) {
    const parsed = parseAgentReference(wrong);
    // An empty range is any version, as everywhere in npm.
    if (wrong === "a@") assert.deepEqual(parsed, { name: "a", range: "" });
    else assert.equal(parsed, null, wrong);
  }
});

Deno.test("chooseAgent() takes the newest release that the range takes", () => {
  const choose = (range: string | null) => chooseAgent(versions, range)?.version ?? null;
  assert.equal(choose(null), "1.10.0");
  assert.equal(choose("^1"), "1.10.0");
  assert.equal(choose("~1.9"), "1.9.0");
  assert.equal(choose("2.0.0-rc.1"), "2.0.0-rc.1");
  assert.equal(choose("^3"), null);
  assert.equal(chooseAgent(versions.slice(3), null)?.version, "2.0.0-rc.1");
});

Deno.test("compareAgents() orders by name, then from the newest version on", () => {
  const sorted = [...versions, { name: "A", version: "0.1.0", tenant: null }].sort(compareAgents);
  assert.deepEqual(sorted.map(({ version }) => version), [
    "0.1.0",
    "2.0.0-rc.1",
    "1.10.0",
    "1.9.0",
    "1.0.0",
  ]);
});
