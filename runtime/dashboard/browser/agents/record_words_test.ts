import assert from "node:assert/strict";
import type { AgentStatus, CapabilityRecord } from "../api/mod.ts";
import { grantsOf, loadText, recordRemarks, statusRemark } from "./record_words.ts";

const RECORD: CapabilityRecord = {
  capability: "code.measure",
  isA: [],
  partOf: [],
  tasks: 12,
  successes: 11,
  outvoted: 0,
  success: 0.9,
  low: 0.7,
  high: 0.97,
  effectiveTasks: 11.2,
  latencyMs: 40,
  costUsd: 0,
  drift: 0,
  breaker: "closed",
  retryAt: null,
  standIns: [],
  bidding: null,
};

const remarks = (change: Partial<CapabilityRecord>) =>
  recordRemarks({ ...RECORD, ...change }, 0).map(({ text }) => text);

Deno.test("recordRemarks() says whether an agent gets tasks, and when it is tried again", () => {
  assert.deepEqual(remarks({}), ["gets tasks"]);
  const retryAt = new Date(180_000).toISOString();
  assert.deepEqual(remarks({ breaker: "open", retryAt }), [
    "failed too often: tried again in 3 min, as nobody else can",
  ]);
  assert.deepEqual(remarks({ breaker: "open", retryAt, standIns: ["b"] }), [
    "failed too often: b does its work; tried again in 3 min if it did better before",
  ]);
  assert.match(remarks({ breaker: "half-open" })[0]!, /tried with one task/);
});

Deno.test("recordRemarks() tells drift that is sure, and what promises are worth", () => {
  assert.deepEqual(remarks({ drift: 0.2, bidding: { bids: 0, standing: 1 } }), ["gets tasks"]);
  const [, drift, bidding] = recordRemarks(
    { ...RECORD, drift: 0.95, bidding: { bids: 9, standing: 0.4 } },
    0,
  );
  assert.match(drift!.text, /changed lately/);
  assert.deepEqual(bidding, { status: "waiting", text: "its promises are worth 40 %" });
});

Deno.test("recordRemarks() tells of results that lost, though no attempt failed", () => {
  assert.equal(remarks({ outvoted: 1 })[1], "1 result lost to another's: it counts as not good");
  assert.equal(remarks({ outvoted: 2 })[1], "2 results lost to others': they count as not good");
});

Deno.test("statusRemark() counts what an agent does not keep", () => {
  const finding = { capability: null, code: "X", message: "no" };
  const told = (status: AgentStatus["status"], findings: AgentStatus["findings"]) =>
    statusRemark({ status, findings }).text;
  assert.equal(told("ready", []), "ready");
  assert.equal(told("checking", []), "being checked");
  assert.equal(told("refused", [finding]), "refused: 1 finding");
  assert.equal(told("refused", [finding, finding]), "refused: 2 findings");
});

Deno.test("loadText() and grantsOf() leave out what is nothing", () => {
  assert.equal(loadText({ inFlight: 0, load: 0 }), "idle");
  assert.equal(loadText({ inFlight: 3, load: 0.375 }), "3 of 8 places taken");
  assert.equal(loadText({ inFlight: 3, load: 0 }), "3 in flight");
  assert.deepEqual(grantsOf({ read: ["/a", "/b"], net: [] }), [["read", "/a, /b"]]);
});
