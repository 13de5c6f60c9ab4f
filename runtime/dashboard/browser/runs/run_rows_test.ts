import assert from "node:assert/strict";
import type { RunChange, RunsUpdate } from "../api/documents.ts";
import { readFilters } from "./run_filters.ts";
import { applyUpdate, type RunRow } from "./run_rows.ts";

const AT = Date.UTC(2026, 10, 22);
const ALL = readFilters(new URLSearchParams());

function change(runId: string, changed: Partial<RunChange> = {}): RunChange {
  return {
    runId,
    workflow: "w",
    version: null,
    status: "running",
    tenant: null,
    tags: [],
    startedAt: new Date(AT).toISOString(),
    finishedAt: null,
    isNew: false,
    tasks: { total: 4, completed: 1, failed: 0, dropped: 0, running: 1 },
    ...changed,
  };
}

function update(...runs: RunChange[]): RunsUpdate {
  return { at: AT, opened: 0, completed: 0, failed: 0, cancelled: 0, runs, more: 0 };
}

function row(runId: string): RunRow {
  const { isNew: _, ...rest } = change(runId);
  return { ...rest, isOrphan: true, isShared: false, durationMs: null };
}

Deno.test("applyUpdate() changes known rows in place and keeps what the feed does not tell", () => {
  const finishedAt = new Date(AT + 1_500).toISOString();
  const changed = change("01B", { status: "completed", finishedAt });
  const rows = applyUpdate([row("01C"), row("01B")], update(changed), ALL);
  assert.deepEqual(rows.map(({ runId, status }) => [runId, status]), [
    ["01C", "running"],
    ["01B", "completed"],
  ]);
  assert.equal(rows[1]!.durationMs, 1_500);
  assert.equal(rows[1]!.isShared, false);
  // Somebody works on it: it told of itself.
  assert.equal(rows[1]!.isOrphan, false);
});

Deno.test("applyUpdate() puts new runs in front, newest first", () => {
  const rows = applyUpdate(
    [row("01B")],
    update(change("01C", { isNew: true }), change("01D", { isNew: true })),
    ALL,
  );
  assert.deepEqual(rows.map(({ runId }) => runId), ["01D", "01C", "01B"]);
});

Deno.test("applyUpdate() leaves out runs that the filters do not accept, and those of later pages", () => {
  const failed = readFilters(new URLSearchParams("status=failed"));
  assert.equal(applyUpdate([], update(change("01C", { isNew: true })), failed).length, 0);
  const rows = applyUpdate([row("01C"), row("01B")], update(change("01A")), ALL);
  assert.deepEqual(rows.map(({ runId }) => runId), ["01C", "01B"]);
});
