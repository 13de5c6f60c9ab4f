import type { AttemptFact } from "../core/assignment.ts";
import type { JournalRecord, RunEntry } from "../core/ports.ts";
import type { KvStores } from "../runtime/store/mod.ts";
import type { RunEvent } from "../workflows/mod.ts";

const HOLDER = { nodeId: "bench", host: "h", pid: 1, processStart: "s" };
/** Runs in one commit. */
const RUNS = 50;

/** Writes runs whose attempts came to these facts, as a node that leads one partition would. */
export async function writeJournal(
  stores: KvStores<RunEvent, never>,
  facts: readonly AttemptFact[],
): Promise<void> {
  const fence = await stores.runs.claim(0, HOLDER, 0);
  const runs = [...Map.groupBy(facts, ({ runId }) => runId)];
  for (let from = 0; from < runs.length; from += RUNS) {
    const some = runs.slice(from, from + RUNS);
    const records = some.map(([runId, own]): JournalRecord<RunEvent> => ({
      runId,
      events: eventsOf(own),
    }));
    await stores.runs.append(fence, { records, runs: some.map(([, own]) => entryOf(own)) });
  }
}

function eventsOf(facts: readonly AttemptFact[]): RunEvent[] {
  const [first, last] = [facts[0]!, facts.at(-1)!];
  return [
    {
      type: "RunSubmitted",
      at: first.startedAt,
      workflow: first.workflow,
      version: null,
      packageHash: "0".repeat(64),
      workDir: "/home/user/project",
      input: {},
    },
    ...facts.flatMap(attemptOf),
    { type: "RunCompleted", at: last.finishedAt, output: null },
  ];
}

function attemptOf(fact: AttemptFact): RunEvent[] {
  const { task, attempt, agent, capability, codeHash, inputHash, text, costUsd } = fact;
  const figures = { score: 0.8, success: 0.75, low: 0.6, high: 0.9, tasks: 12, load: 0.25 };
  const started: RunEvent = {
    type: "AttemptStarted",
    at: fact.startedAt,
    task,
    attempt,
    agent,
    assignment: {
      way: "evidence",
      capability: capability!,
      codeHash: codeHash!,
      inputHash: inputHash!,
      text,
      costUsd,
      candidates: [agent, `${agent}-b`, `${agent}-c`].map((one) => ({
        agent: one,
        ...figures,
        latencyMs: 1_200,
        costUsd,
      })),
      considered: 50,
    },
  };
  const at = fact.finishedAt;
  if (fact.outcome === "completed") {
    return [started, { type: "TaskCompleted", at, task, output: fact.output }];
  }
  const error = { code: fact.code!, message: "it did not work" };
  return [
    started,
    { type: "AttemptFailed", at, task, attempt, error },
    { type: "TaskFailed", at, task, error },
  ];
}

function entryOf(facts: readonly AttemptFact[]): RunEntry {
  const [first, last] = [facts[0]!, facts.at(-1)!];
  return {
    runId: first.runId,
    workflow: first.workflow,
    version: null,
    status: "completed",
    submittedAt: first.startedAt,
    finishedAt: last.finishedAt,
    partition: 0,
    firstSeq: 0,
    packageHash: "0".repeat(64),
  };
}
