import assert from "node:assert/strict";
import type { Rights } from "./principal.ts";
import { scopesInVain } from "./scopes_in_vain.ts";

const ALL: Rights = { role: "admin", scopes: null, tenant: null, workflows: null, tags: null };

Deno.test("scopesInVain() names scopes of which the role, or its limits, leave nothing", () => {
  const table: [Partial<Rights>, string[]][] = [
    [{ scopes: ["*", "keys:*"] }, []],
    [{ role: "viewer", scopes: null }, []],
    [{ role: "viewer", scopes: ["runs:*", "agents:write", "keys:*"] }, ["agents:write", "keys:*"]],
    [{ role: "operator", scopes: ["*:write", "workflows:write"] }, ["workflows:write"]],
    [{ tenant: "acme", scopes: ["cluster:read", "runs:read"] }, ["cluster:read"]],
    [{ workflows: ["a*"], scopes: ["metrics:*"] }, ["metrics:*"]],
  ];
  for (const [rights, expected] of table) {
    assert.deepEqual(scopesInVain({ ...ALL, ...rights }), expected);
  }
});
