import assert from "node:assert/strict";
import type { AgentDetail, CapabilityRecord } from "../control/mod.ts";
import { agentText } from "./agent_text.ts";

const RECORD: CapabilityRecord = {
  capability: "code.measure",
  isA: [],
  partOf: [],
  tasks: 20,
  successes: 0,
  outvoted: 0,
  success: 0.05,
  low: 0,
  high: 0.1,
  effectiveTasks: 20,
  latencyMs: 40,
  costUsd: 0,
  drift: 0,
  breaker: "closed",
  retryAt: null,
  standIns: [],
  bidding: null,
};

function textWith(change: Partial<CapabilityRecord>): string {
  const agent: AgentDetail = {
    kind: "registered",
    id: "measurer@1.0.0",
    ref: "measurer@1.0.0",
    name: "measurer",
    workflow: null,
    version: "1.0.0",
    versions: ["1.0.0"],
    tenant: null,
    description: null,
    status: "ready",
    findings: [],
    packageHash: null,
    isRegistered: true,
    module: "measurer.ts",
    codeHash: "1".repeat(64),
    capabilities: ["code.measure"],
    records: [{ ...RECORD, ...change }],
    permissions: {},
    concurrency: 1,
    replicas: { min: 0, max: 1 },
    memoryMb: 64,
    costUsd: 0,
    bids: false,
    attempts: 20,
    failures: 20,
    p50Ms: null,
    p95Ms: null,
    cells: 0,
    inFlight: 0,
    load: 0,
    registeredAt: null,
    registeredBy: null,
    checkedAt: null,
    offers: [],
  };
  return agentText(agent, false);
}

Deno.test("agentText() says when an agent that failed is tried, and that alone it is sooner", () => {
  assert.match(textWith({}), /^ {2}it gets tasks$/m);
  assert.match(
    textWith({ breaker: "open", retryAt: "2026-11-22T09:27:41.000Z", standIns: ["b", "c@1.0.0"] }),
    /b, c@1\.0\.0 do its work\. It is tried .* from 2026-11-22T09:27:41Z, if it did better before; so/,
  );
  assert.match(
    textWith({ breaker: "open", retryAt: "2026-11-22T09:27:41.000Z" }),
    /as nobody else can, it is tried again with one task at a time from 2026-11-22T09:27:41Z$/m,
  );
  assert.match(textWith({ breaker: "half-open" }), /tried again with one task at a time$/m);
});

Deno.test("agentText() tells of results that lost, which no attempt that failed accounts for", () => {
  assert.doesNotMatch(textWith({}), /OUTVOTED/);
  assert.match(
    textWith({ outvoted: 1 }),
    /^ {2}1 result lost to another's \(OUTVOTED\) and counts as not good$/m,
  );
  assert.match(textWith({ outvoted: 2 }), /^ {2}2 results lost to others' .* count as not good$/m);
});
