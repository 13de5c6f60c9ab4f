import assert from "node:assert/strict";
import fc from "fast-check";
import { type Action, ACTIONS, actionsOfScope, hasRole, type Role, ROLES } from "./actions.ts";
import { type AccessCode, decideAccess, findExcess } from "./decide_access.ts";
import { fitsPattern } from "./name_pattern.ts";
import type { Resource, Rights } from "./principal.ts";

const ALL: Rights = { role: "admin", scopes: null, tenant: null, workflows: null, tags: null };

const anyName = fc.constantFrom("repo-audit", "repo-", "etl", "nightly", "a", "b");
const anyPattern = fc.oneof(anyName, fc.constantFrom("repo-*", "*", "*audit", "n*y", "*a*"));
const anyScope = fc.constantFrom("*", "runs:*", "*:read", "*:write", ...ACTIONS);
const listOrNone = (item: fc.Arbitrary<string>) =>
  fc.option(fc.array(item, { minLength: 1, maxLength: 3 }), { nil: null });
const anyRights: fc.Arbitrary<Rights> = fc.record({
  role: fc.constantFrom<Role>(...ROLES),
  scopes: listOrNone(anyScope),
  tenant: fc.constantFrom(null, "acme", "umbrella"),
  workflows: listOrNone(anyPattern),
  tags: listOrNone(anyPattern),
});
const anyAction = fc.constantFrom<Action>(...ACTIONS);
const anyResource: fc.Arbitrary<Resource> = fc.record({
  workflow: fc.option(anyName, { nil: null }),
  tags: fc.array(anyName, { maxLength: 3 }),
  tenant: fc.constantFrom(null, "acme", "umbrella"),
}, { requiredKeys: [] });

const isAllowed = (...args: Parameters<typeof decideAccess>) => decideAccess(...args).isAllowed;

Deno.test("decideAccess() gives each role what is written down for it", () => {
  const may = (role: Role) => ACTIONS.filter((action) => isAllowed({ ...ALL, role }, action));
  assert.deepEqual(may("viewer"), [
    "agents:read",
    "cluster:read",
    "dead-letters:read",
    "knowledge:read",
    "metrics:read",
    "overview:read",
    "runs:read",
    "systems:read",
    "views:read",
    "workflows:read",
  ]);
  assert.deepEqual(
    may("operator").filter((action) => !may("viewer").includes(action)),
    ["dead-letters:write", "runs:write", "views:write"],
  );
  assert.deepEqual(may("admin"), [...ACTIONS]);
});

Deno.test("decideAccess() says why", () => {
  const table: [Partial<Rights>, Action, Resource, AccessCode | null][] = [
    [{ role: "viewer" }, "runs:write", {}, "ROLE_INSUFFICIENT"],
    [{ role: "operator" }, "keys:read", {}, "ROLE_INSUFFICIENT"],
    [{ scopes: ["runs:read"] }, "runs:write", {}, "SCOPE_MISSING"],
    [{ scopes: ["runs:read"] }, "runs:read", {}, null],
    [{ scopes: [] }, "runs:read", {}, "SCOPE_MISSING"],
    [{ tenant: "acme" }, "audit:read", {}, "PART_ONLY"],
    [{ tenant: "acme" }, "runs:read", { tenant: "umbrella" }, "OTHER_TENANT"],
    [{ tenant: "acme" }, "runs:read", { tenant: null }, "OTHER_TENANT"],
    [{ tenant: "acme" }, "runs:read", {}, null],
    [{ workflows: ["repo-*"] }, "runs:write", { workflow: "etl" }, "WORKFLOW_NOT_ALLOWED"],
    [{ workflows: ["repo-*"] }, "runs:write", { workflow: null }, "WORKFLOW_NOT_ALLOWED"],
    [{ workflows: ["repo-*"] }, "runs:write", { workflow: "repo-audit" }, null],
    [{ tags: ["nightly"] }, "runs:read", { tags: [] }, "TAG_NOT_ALLOWED"],
    [{ tags: ["nightly"] }, "runs:read", { tags: ["a", "nightly"] }, null],
  ];
  for (const [limits, action, resource, code] of table) {
    const decision = decideAccess({ ...ALL, ...limits }, action, resource);
    assert.equal(decision.code, code, `${JSON.stringify(limits)} ${action}`);
    assert.equal(decision.isAllowed, code === null);
    if (code !== null) assert.match(decision.reason!, /^Cannot .*[^.]$/);
  }
});

Deno.test("decideAccess() allows no more when something is narrowed", () => {
  fc.assert(fc.property(anyRights, anyAction, anyResource, (rights, action, resource) => {
    if (!isAllowed(rights, action, resource)) return;
    // A larger role, and each limit taken away, allow it as well.
    for (const role of ROLES) {
      if (hasRole(role, rights.role)) assert.ok(isAllowed({ ...rights, role }, action, resource));
    }
    for (const limit of ["scopes", "tenant", "workflows", "tags"] as const) {
      assert.ok(isAllowed({ ...rights, [limit]: null }, action, resource));
    }
    assert.ok(isAllowed(rights, action), "what may be done to a thing may be done at all");
  }));
});

Deno.test("decideAccess() lets nobody of a tenant reach another one's things", () => {
  fc.assert(fc.property(anyRights, anyAction, anyResource, (rights, action, resource) => {
    if (rights.tenant === null || resource.tenant === undefined) return;
    if (resource.tenant !== rights.tenant) assert.ok(!isAllowed(rights, action, resource));
  }));
});

Deno.test("findExcess() lets nobody give away what they may not do themselves", () => {
  let given = 0;
  fc.assert(
    fc.property(
      anyRights,
      anyRights,
      anyAction,
      anyResource,
      (wanted, giver, action, resource) => {
        if (findExcess(wanted, giver) !== null) return;
        given++;
        if (isAllowed(wanted, action, resource)) assert.ok(isAllowed(giver, action, resource));
      },
    ),
    { numRuns: 20_000 },
  );
  assert.ok(given > 200, `only ${given} pairs could be given`);
});

Deno.test("findExcess() names what is too much", () => {
  const giver: Rights = {
    role: "operator",
    scopes: ["runs:*"],
    tenant: "acme",
    workflows: ["repo-*"],
    tags: ["n*"],
  };
  assert.equal(findExcess(giver, giver), null);
  assert.equal(findExcess(giver, ALL), null);
  const inner = { scopes: ["runs:read"], workflows: ["repo-a*"], tags: ["nightly"] };
  assert.equal(findExcess({ ...giver, role: "viewer", ...inner }, giver), null);
  assert.equal(findExcess({ ...giver, role: "admin" }, giver), "role");
  assert.equal(findExcess({ ...giver, scopes: null }, giver), "scopes");
  assert.equal(findExcess({ ...giver, scopes: ["*:read"] }, giver), "scopes");
  assert.equal(findExcess({ ...giver, tenant: null }, giver), "tenant");
  assert.equal(findExcess({ ...giver, workflows: ["*"] }, giver), "workflows");
  assert.equal(findExcess({ ...giver, tags: null }, giver), "tags");
});

Deno.test("actionsOfScope() of every pattern is a part of all", () => {
  assert.deepEqual(actionsOfScope("*"), [...ACTIONS]);
  assert.deepEqual(actionsOfScope("runs:*"), ["runs:read", "runs:write"]);
  assert.deepEqual(actionsOfScope("runs"), []);
  assert.ok(actionsOfScope("*:write").every((action) => action.endsWith(":write")));
});

Deno.test("fitsPattern() agrees with a regular expression", () => {
  const text = fc.stringMatching(/^[ab.*]{0,8}$/);
  fc.assert(
    fc.property(text, text, (name, pattern) => {
      const source = pattern.split("*").map((part) => RegExp.escape(part)).join(".*");
      assert.equal(fitsPattern(name, pattern), new RegExp(`^${source}$`, "s").test(name));
    }),
    { numRuns: 5_000 },
  );
});
