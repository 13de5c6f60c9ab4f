/**
 * A store that has seen many tasks: journals of runs that are over, written as a node writes them,
 * without waiting for agents.
 *
 * @module
 */
import { ulid } from "ulid";
import { partitionOfRun, SHARED_PARTITIONS_DEFAULT } from "../../core/partitions.ts";
import type { Fence } from "../../core/ports.ts";
import { openStores } from "../../runtime/node/open_store.ts";
import type { RunEvent } from "../../workflows/mod.ts";

/** Tasks of one run. */
const RUN_TASKS = 250;
const AGENTS = 20;
const CAPABILITIES = 10;
const HOLDER = { nodeId: "before", host: "before", pid: 1, processStart: "before" };

/** Writes `count` tasks that agents have solved, each with another input. */
export async function writeSolvedTasks(dataDir: string, count: number): Promise<void> {
  const stores = await openStores({ dataDir });
  const fences = new Map<number, Fence>();
  const now = Date.now();
  for (let first = 0; first < count; first += RUN_TASKS) {
    const runId = ulid(now - (count - first));
    const partition = partitionOfRun(runId, SHARED_PARTITIONS_DEFAULT);
    const fence = fences.get(partition) ?? await stores.runs.claim(partition, HOLDER, 0);
    fences.set(partition, fence);
    const events = runOf(first, Math.min(RUN_TASKS, count - first), now - count + first);
    const { at: submittedAt } = events[0]!;
    const { at: finishedAt } = events.at(-1)!;
    await stores.runs.append(fence, {
      records: [{ runId, events }],
      runs: [{
        runId,
        workflow: "many-measures",
        version: null,
        status: "completed",
        submittedAt,
        finishedAt,
        partition,
        firstSeq: 0,
      }],
    });
  }
  await stores.close();
}

function runOf(first: number, count: number, at: number): RunEvent[] {
  const packageHash = "0".repeat(64);
  return [
    {
      type: "RunSubmitted",
      at,
      workflow: "many-measures",
      version: null,
      packageHash,
      workDir: "/",
      input: {},
    },
    ...Array.from({ length: count }, (_, index) => attempt(first + index, index, at)).flat(),
    { type: "RunCompleted", at: at + count, output: null },
  ];
}

/** An attempt that was assigned, and its result. */
function attempt(number: number, index: number, at: number): RunEvent[] {
  const capability = `code.measure.${Math.floor(number / AGENTS) % CAPABILITIES}`;
  const agent = `measurer-${number % AGENTS}@1.0.0`;
  const where = { task: "measure", index };
  return [
    {
      type: "AttemptStarted",
      at: at + index,
      ...where,
      attempt: 1,
      agent,
      assignment: {
        way: "evidence",
        capability,
        codeHash: "c0de",
        inputHash: number.toString(16).padStart(32, "0"),
        text: `measure module${number} of package${number % 97}`,
        candidates: [],
        considered: 2,
      },
    },
    { type: "TaskCompleted", at: at + index + 1, ...where, output: { lines: number } },
  ];
}
