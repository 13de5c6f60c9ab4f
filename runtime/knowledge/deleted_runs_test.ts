import assert from "node:assert/strict";
import { openMemoryArchive, openMemoryStore } from "../store/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { isClosing } from "../scheduler/mod.ts";
import { DeletedRuns } from "./deleted_runs.ts";

Deno.test("DeletedRuns finds runs that are gone since the last search, and each once", async () => {
  const store = openMemoryStore<RunEvent>();
  const archive = openMemoryArchive(store);
  const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };
  const fence = await store.claim(0, holder, 0);
  const ids = Array.from({ length: 1_200 }, (_, nth) => `run-${1_000 + nth}`);
  const closed: RunEvent = { type: "RunCompleted", at: 2, output: null };
  await store.append(fence, {
    records: ids.map((runId) => ({ runId, events: [closed] })),
    runs: ids.map((runId) => ({
      runId,
      workflow: "w",
      version: null,
      status: "completed",
      submittedAt: 1,
      finishedAt: 2,
      partition: 0,
      firstSeq: 0,
    })),
  });
  const upTo = await archive.lastSeq(0);
  while (!await archive.compact(fence, { upTo, isClosing }));
  const deleted = new DeletedRuns(1_100);
  for (const runId of [...ids, "unlisted"]) deleted.note(runId);
  // One that has just begun may have no line yet.
  assert.deepEqual(await deleted.find(store), []);
  const gone = [ids[5]!, ids[200]!, ids[1_199]!];
  assert.deepEqual((await archive.deleteRuns(fence, gone)).sort(), gone);
  // The first hundred are not watched any more.
  assert.deepEqual(await deleted.find(store), [ids[200], ids[1_199], "unlisted"]);
  assert.deepEqual(await deleted.find(store), []);
});
