import assert from "node:assert/strict";
import fc from "fast-check";
import { arbitraryFacts, attemptFact } from "../../tests/attempt_facts.ts";
import { TenantEvidence } from "./tenant_evidence.ts";

const CAPABILITIES = ["a", "b", "__proto__", "constructor"];

Deno.test("TenantEvidence knows of a tenant what its own facts teach, and nothing else", () => {
  fc.assert(
    fc.property(arbitraryFacts(), fc.constantFrom(null, "acme", "umbrella"), (facts, tenant) => {
      const [all, alone] = [new TenantEvidence(), new TenantEvidence()];
      for (const fact of facts) all.add(fact);
      for (const fact of facts) if (fact.tenant === tenant) alone.add(fact);
      for (const agent of CAPABILITIES) {
        for (const capability of CAPABILITIES) {
          assert.deepEqual(
            all.of(tenant).record(agent, capability, 100),
            alone.of(tenant).record(agent, capability, 100),
          );
        }
      }
    }),
  );
});

Deno.test("TenantEvidence lets the tenant forget that has most, beyond what all may have", () => {
  const evidence = new TenantEvidence(null, { pairsMax: 100 });
  const learn = (tenant: string, count: number) => {
    for (let nth = 0; nth < count; nth++) {
      const agent = `agent-${nth}`;
      evidence.add(attemptFact({ tenant, agent, runId: `${tenant}-${nth}`, finishedAt: nth }));
    }
  };
  learn("small", 10);
  learn("large", 500);
  const pairs = evidence.of("small").pairs + evidence.of("large").pairs;
  assert.ok(pairs <= 110, `${pairs}`);
  assert.equal(evidence.of("small").pairs, 10);
  assert.equal(evidence.of("large").record("agent-499", "code.measure", 1_000).tasks, 1);
});

Deno.test("TenantEvidence takes each tenant's kin from what that tenant may see", () => {
  const akin = { kin: () => [{ capability: "code.measure", distance: 1 }] };
  const evidence = new TenantEvidence();
  evidence.setTree(null, (tenant) => tenant === "acme" ? akin : { kin: () => [] });
  for (const tenant of ["acme", "umbrella"]) evidence.add(attemptFact({ tenant }));
  const known = (tenant: string) =>
    evidence.of(tenant).record("counter@1.0.0", "code.lint", 2_000).effectiveTasks;
  assert.ok(known("acme") > 0);
  assert.equal(known("umbrella"), 0);
});

Deno.test("TenantEvidence takes from all tenants that have most, and wipes out none", () => {
  const evidence = new TenantEvidence(null, { pairsMax: 100 });
  const tenants = Array.from({ length: 10 }, (_, nth) => `tenant-${nth}`);
  for (let nth = 0; nth < 30; nth++) {
    for (const tenant of tenants) {
      evidence.add(
        attemptFact({ tenant, agent: `agent-${nth}`, runId: `${nth}`, finishedAt: nth }),
      );
    }
  }
  const sizes = tenants.map((tenant) => evidence.of(tenant).pairs);
  assert.ok(Math.min(...sizes) >= 10, sizes.join());
  assert.ok(sizes.reduce((sum, size) => sum + size) <= 110, sizes.join());
});

Deno.test("TenantEvidence counts once what is learnt while it forgets", () => {
  const evidence = new TenantEvidence(null, { pairsMax: 100 });
  const learn = (agent: string, runId: string) =>
    evidence.add(attemptFact({ tenant: "acme", agent, runId, finishedAt: 1 }));
  for (let round = 0; round < 20; round++) {
    const run = `run-${round}`;
    for (let nth = 0; nth < 10; nth++) learn(`gone-${nth}`, run);
    let nth = 0;
    for (const _ of evidence.forgetRuns(new Set([run]))) {
      if (nth < 4) learn(`agent-${round}-${nth++}`, "kept");
    }
    assert.equal(nth, 4);
  }
  assert.equal(evidence.of("acme").pairs, 80);
  evidence.add(attemptFact({ tenant: "umbrella" }));
  assert.equal(evidence.of("acme").pairs, 80, "all have room");
});
