/**
 * What assignment costs: a choice among many, what is learnt of an attempt, what is kept of it, and
 * what reading everything anew takes.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type Candidate, decideAssignment, Evidence } from "../actors/assignment/mod.ts";
import { finish, KnowledgeGraph } from "../actors/knowledge/mod.ts";
import type { AttemptFact } from "../core/assignment.ts";
import { openKnowledge } from "../runtime/knowledge/mod.ts";
import { openKvStores } from "../runtime/store/mod.ts";
import { SeededRandom } from "../tests/seeded_random.ts";
import type { RunEvent } from "../workflows/mod.ts";
import { measureAssignedFanout } from "./assign_fanout.ts";
import type { Lab } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";
import {
  agentName,
  AGENTS,
  CAPABILITIES,
  capabilityName,
  drawText,
  offering,
  solvedTasks,
} from "./solved_tasks.ts";
import { quantile } from "./statistics.ts";
import { writeJournal } from "./write_journal.ts";

const TASKS = 100_000;
const QUICK_TASKS = 2_000;
const DECISIONS = 2_000;
const QUICK_DECISIONS = 200;

/** 1,000 agents, 200 capabilities and 100,000 solved tasks. */
export async function measureAssign(lab: Lab): Promise<Measurement[]> {
  const tasks = lab.isQuick ? QUICK_TASKS : TASKS;
  const rounds = lab.isQuick ? 1 : 2;
  const facts = [...solvedTasks(tasks, 1)];
  return [
    ...measureDecisions(facts, lab.isQuick),
    measureUpdate(facts, rounds),
    ...await measureMemory(tasks),
    ...await measureRebuild(lab, facts, rounds),
    ...await measureAssignedFanout(lab),
  ];
}

// --- choices ---

/** Choices among those that offer a capability, and among all agents there are. */
function measureDecisions(facts: readonly AttemptFact[], isQuick: boolean): Measurement[] {
  const evidence = new Evidence();
  for (const fact of facts) evidence.add(fact);
  const at = facts.at(-1)!.finishedAt;
  const goal = { of: "value", atMost: 1 } as const;
  const row = { unit: "ms", limitName: "the least loaded of the same agents" };
  const everybody = Array.from({ length: AGENTS }, (_, nth) => nth);
  const some = timeDecisions(evidence, at, isQuick, offering);
  const all = timeDecisions(evidence, at, isQuick, () => everybody);
  const rowOf = (name: string, times: DecisionTimes, q: number) =>
    measurementOf(
      { ...row, name, ...(name === "assign.decision.p99" ? { goal } : {}) },
      times.choices.map((round) => quantile(round, q)),
      times.scans.map((round) => quantile(round, q)),
    );
  return [
    rowOf("assign.decision.p50", some, 0.5),
    rowOf("assign.decision.p99", some, 0.99),
    rowOf("assign.decision.all.p99", all, 0.99),
  ];
}

/** In milliseconds, by round. */
interface DecisionTimes {
  choices: number[][];
  scans: number[][];
}

/** Each choice is followed by an outcome, as in life: what is worked out once is not kept for ever. */
function timeDecisions(
  evidence: Evidence,
  from: number,
  isQuick: boolean,
  candidatesOf: (capability: number) => number[],
): DecisionTimes {
  const random = new SeededRandom(7);
  const times: DecisionTimes = { choices: [], scans: [] };
  for (let round = 0; round < (isQuick ? 2 : 4); round++) {
    const [choices, scans]: [number[], number[]] = [[], []];
    for (let nth = 0; nth < (isQuick ? QUICK_DECISIONS : DECISIONS); nth++) {
      const capability = random.int(0, CAPABILITIES - 1);
      const candidates = candidatesOf(capability).map((agent) => toCandidate(agent, random));
      const at = from + (round * DECISIONS + nth) * 10;
      const task = { capability: capabilityName(capability), text: drawText(random), at };
      const begunMs = performance.now();
      decideAssignment({ ...task, seed: `run/${nth}`, prefer: "balanced", candidates }, evidence);
      const chosenMs = performance.now();
      leastLoaded(candidates);
      choices.push(chosenMs - begunMs);
      scans.push(performance.now() - chosenMs);
      evidence.add(outcomeOf(task, candidates[0]!.id, `${round} ${nth}`, random.chance(0.7)));
    }
    // The first round warms up.
    if (round === 0) continue;
    times.choices.push(choices);
    times.scans.push(scans);
  }
  return times;
}

function toCandidate(agent: number, random: SeededRandom): Candidate {
  const [name, free] = [agentName(agent), random.int(0, 4)];
  return { agent: name, id: name, costUsd: 0.002, places: 4, free, load: 1 - free / 4 };
}

function leastLoaded(candidates: readonly Candidate[]): Candidate {
  return candidates.reduce((best, one) => one.load < best.load ? one : best);
}

function outcomeOf(
  { capability, text, at }: { capability: string; text: string; at: number },
  agent: string,
  runId: string,
  isDone: boolean,
): AttemptFact {
  const [like] = solvedTasks(1, 1);
  const outcome = isDone ? "completed" : "failed";
  const [code, finishedAt] = [isDone ? null : "FAILED", at];
  return {
    ...like!,
    runId,
    agent,
    capability,
    text,
    startedAt: at - 500,
    finishedAt,
    outcome,
    code,
  };
}

// --- learning ---

/**
 * What an attempt takes of graph and evidence together, each fact as it comes from a journal, once
 * somebody has asked for words.
 */
function measureUpdate(facts: readonly AttemptFact[], rounds: number): Measurement {
  const texts = facts.map((fact) => JSON.stringify(fact));
  const parsed: number[] = [];
  const added: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const begunMs = performance.now();
    const own = texts.map((text) => JSON.parse(text) as AttemptFact);
    const readMs = performance.now();
    const [graph, evidence] = [new KnowledgeGraph(), new Evidence()];
    finish(graph.inSteps.prepareTexts());
    for (const fact of own) {
      graph.add(fact);
      evidence.add(fact);
    }
    const addedMs = performance.now();
    if (round === 0) continue;
    parsed.push((readMs - begunMs) / facts.length);
    added.push((addedMs - readMs) / facts.length);
  }
  const goal = { of: "value", atMost: 0.2 } as const;
  const row = { name: "assign.update", unit: "ms", limitName: "parsing it", goal };
  return measurementOf(row, added, parsed);
}

async function measureMemory(tasks: number): Promise<Measurement[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--v8-flags=--expose-gc"],
      fileURLToPath(new URL("assign_memory.ts", import.meta.url)),
      String(tasks),
    ],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("What solved tasks take could not be measured");
  const { ofBothMb, withTextsMb, asTextMb } = JSON.parse(new TextDecoder().decode(stdout));
  const row = { unit: "MB", limitName: "the attempts as text" };
  return [
    measurementOf({ ...row, name: "assign.memory" }, [ofBothMb], [asTextMb]),
    measurementOf({ ...row, name: "assign.memory.texts" }, [withTextsMb], [asTextMb]),
  ];
}

/**
 * From a journal in a KV file to graph and evidence, as a node begins, and from there to texts that
 * can be compared, which the first question by words waits for.
 */
async function measureRebuild(
  lab: Lab,
  facts: readonly AttemptFact[],
  rounds: number,
): Promise<Measurement[]> {
  const stores = await openKvStores<RunEvent, never>(`${lab.dir}/solved.kv`);
  try {
    await writeJournal(stores, facts);
    const read: number[] = [];
    const rebuilt: number[] = [];
    const prepared: number[] = [];
    for (let round = 0; round < rounds; round++) {
      let begunMs = performance.now();
      for await (const _ of stores.runs.read(0, 1));
      read.push(performance.now() - begunMs);
      begunMs = performance.now();
      const now = () => facts.at(-1)!.finishedAt;
      const base = openKnowledge({ stores, now, pollMs: 0 });
      await base.ready();
      rebuilt.push(performance.now() - begunMs);
      begunMs = performance.now();
      await base.readyForTexts();
      prepared.push(performance.now() - begunMs);
      const known = base.graph.stats().facts;
      await base.close();
      if (known !== facts.length) throw new Error(`${known} of ${facts.length} tasks came back`);
    }
    const row = { unit: "ms", limitName: "read and parse the journal" };
    return [
      measurementOf({ ...row, name: "assign.rebuild" }, rebuilt, read),
      measurementOf({ ...row, name: "assign.rebuild.texts" }, prepared, read),
    ];
  } finally {
    stores.close();
  }
}
