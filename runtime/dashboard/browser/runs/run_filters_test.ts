import assert from "node:assert/strict";
import type { RunChange } from "../api/documents.ts";
import { acceptsRun, isFiltered, readFilters, toApiQuery, writeFilters } from "./run_filters.ts";

const NOW = Date.UTC(2026, 10, 22);
const RUN: RunChange = {
  runId: "01KAP0V2M3N4P5Q6R7S8T9VWXY",
  workflow: "repo-audit",
  version: "1.0.0",
  status: "running",
  tenant: null,
  tags: ["nightly"],
  startedAt: new Date(NOW - 60_000).toISOString(),
  finishedAt: null,
  isNew: true,
  tasks: null,
};

function filtersOf(text: string) {
  return readFilters(new URLSearchParams(text));
}

Deno.test("readFilters() drops what it does not know", () => {
  assert.equal(isFiltered(filtersOf("status=odd&period=__proto__&x=1")), false);
  const filters = filtersOf("status=failed,odd,paused&workflow=a&period=1h");
  assert.deepEqual(filters.statuses, ["failed", "paused"]);
  assert.deepEqual(writeFilters(filters), {
    status: "failed,paused",
    workflow: "a",
    tag: "",
    q: "",
    period: "1h",
  });
});

Deno.test("toApiQuery() turns a period into an instant", () => {
  assert.equal(toApiQuery(filtersOf("period=24h"), NOW).since, "2026-11-21T00:00:00.000Z");
  assert.equal(toApiQuery(filtersOf(""), NOW).since, "");
});

Deno.test("acceptsRun() asks of a changed run what the API asks of each", () => {
  const wanted: [text: string, isAccepted: boolean][] = [
    ["", true],
    ["status=running,failed", true],
    ["status=failed", false],
    ["workflow=repo-audit&tag=nightly", true],
    ["workflow=repo", false],
    ["tag=night", false],
    ["q=NIGHT", true],
    ["q=0v2m", true],
    ["q=zzz", false],
    ["period=15m", true],
  ];
  for (const [text, isAccepted] of wanted) {
    assert.equal(acceptsRun(filtersOf(text), RUN, NOW), isAccepted, text);
  }
  assert.equal(acceptsRun(filtersOf("period=15m"), RUN, NOW + 3_600_000), false);
});
