import assert from "node:assert/strict";
import { presentGuards, probeLimits, tryGuards } from "./limits.ts";

Deno.test("probeLimits() tells of every limit whether it was found to work", async () => {
  const limits = await probeLimits();
  assert.deepEqual(limits.map(({ name }) => name), [
    "prlimit",
    "pdeathsig",
    "broker",
    "cgroup",
    "unshare",
  ]);
  for (const { name, detail } of limits) assert.ok(detail.length > 5, `${name} has a detail`);
  // Every Deno that Denizen supports has it; nothing would be safe without.
  assert.equal(limits.find(({ name }) => name === "broker")?.available, true);
});

Deno.test("tryGuards() keeps only programs that are there and work", async () => {
  const [present, working] = [presentGuards(), await tryGuards()];
  for (const name of ["prlimit", "setpriv"] as const) {
    assert.ok(working[name] === null || working[name] === present[name]);
  }
});
