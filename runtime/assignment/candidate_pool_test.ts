import assert from "node:assert/strict";
import { noPermissions } from "../../actors/permissions.ts";
import type { AssignSpec } from "../../workflows/mod.ts";
import { Limits } from "./candidate_pool.ts";

const AGENT = {
  names: ["measure@1.4.0", "measure"],
  version: "1.4.0",
  costUsd: 0.02,
  permissions: { ...noPermissions(), read: ["/srv/data/trees"] },
};

function exclusion(spec: Partial<AssignSpec>): string | null {
  return new Limits({ waitMs: 1, ...spec }, "/srv").exclude(AGENT);
}

Deno.test("Limits takes an agent that nothing speaks against", () => {
  assert.equal(exclusion({}), null);
  assert.equal(exclusion({ pin: ["measure@^1"] }), null);
  assert.equal(exclusion({ pin: ["other", "measure"] }), null);
  assert.equal(exclusion({ deny: ["measure@^2"], maxCostUsd: 0.02 }), null);
});

Deno.test("Limits excludes by name, by range of versions and by price", () => {
  assert.equal(exclusion({ deny: ["measure@>=1.4"] }), "DENIED");
  assert.equal(exclusion({ deny: ["measure"], pin: ["measure"] }), "DENIED");
  assert.equal(exclusion({ pin: ["measure@~1.3"] }), "NOT_PINNED");
  assert.equal(exclusion({ maxCostUsd: 0.01 }), "COST_TOO_HIGH");
});

Deno.test("Limits excludes who may reach more than the task allows", () => {
  assert.equal(exclusion({ permissions: { read: ["data"] } }), null);
  assert.equal(exclusion({ permissions: { read: ["/srv/data/trees/a"] } }), "PERMISSIONS_TOO_WIDE");
  assert.equal(exclusion({ permissions: {} }), "PERMISSIONS_TOO_WIDE");
});

Deno.test("Limits takes no name for a range, and no range of a file's own agent", () => {
  const own = { ...AGENT, names: ["measure"], version: undefined };
  const limits = new Limits({ waitMs: 1, pin: ["measure@^1"] }, "/srv");
  assert.equal(limits.exclude(own), "NOT_PINNED");
});
