import assert from "node:assert/strict";
import type { RunEvent } from "../../workflows/mod.ts";
import { RunsBoard } from "./runs_board.ts";

const SUBMITTED: RunEvent = {
  type: "RunSubmitted",
  at: 1_000,
  workflow: "w",
  version: null,
  packageHash: "p",
  workDir: "/",
  input: {},
};

Deno.test("RunsBoard.sweep() forgets runs that are silent, and looks them up when they are not", async () => {
  const looked: string[] = [];
  const board = new RunsBoard({
    entry: (runId) => {
      looked.push(runId);
      return Promise.resolve(null);
    },
    events: async function* () {},
    countTasks: () => Promise.resolve(1),
    onError: (error) => assert.fail(String(error)),
  });
  board.isAsked = true;
  const event = (runId: string, event: RunEvent) =>
    board.apply({ runId, at: event.at, type: "event", event });
  event("silent", SUBMITTED);
  event("busy", SUBMITTED);
  board.sweep();
  event("busy", { type: "RunPaused", at: 2_000 });
  board.sweep();
  assert.equal(board.take().size, 2);
  event("busy", { type: "RunResumed", at: 3_000 });
  event("silent", { type: "RunPaused", at: 3_000 });
  assert.deepEqual(looked, ["silent"]);
  assert.deepEqual([...board.take().keys()], ["busy"]);
  await Promise.resolve();
});
