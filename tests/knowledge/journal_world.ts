/**
 * Journals as nodes would write them, from a seed: runs that open, work, fail, close and go on, in
 * several partitions, with the events of several decisions in one commit.
 *
 * @module
 */
import { type AttemptFact, compareFacts } from "../../core/assignment.ts";
import type { Fence, JournalRecord, RunEntry } from "../../core/ports.ts";
import { FactReader, type KnowledgeStores } from "../../runtime/knowledge/mod.ts";
import { isClosing } from "../../runtime/scheduler/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { SeededRandom } from "../seeded_random.ts";

/** What a commit wrote, as its node offers it. */
export interface Commit {
  partition: number;
  firstSeq: number;
  records: JournalRecord<RunEvent>[];
  term: number;
}

export interface WorldOptions {
  seed: number;
  partitions: number;
  /** Tasks of a run, at most. */
  tasksMax?: number;
  /** Decisions in one commit, at most. */
  decisionsMax?: number;
  /** A commit that outgrows a segment comes once in so many. */
  largeEvery?: number;
}

interface WorldRun {
  runId: string;
  partition: number;
  entry: RunEntry;
  events: RunEvent[];
  /** Next attempt of each task; the task is not done. */
  tasks: { id: string; index?: number; attempt: number; agent: string | null }[];
  isOpen: boolean;
}

const HOLDER = { host: "h", pid: 1, processStart: "s" };
const AGENTS = ["quick", "slow", "odd", "measure@1.2.0"];
const CAPABILITIES = ["code.measure", "code.lint", "text.summarise"];

/** Writes to its stores, and remembers what it has written. */
export class JournalWorld {
  readonly random: SeededRandom;
  readonly runs: WorldRun[] = [];
  readonly #stores: KnowledgeStores;
  readonly #options: Required<WorldOptions>;
  readonly #fences = new Map<number, Fence>();
  #at = 1_000_000;
  #commits = 0;
  #opened = 0;

  constructor(stores: KnowledgeStores, options: WorldOptions) {
    this.#stores = stores;
    this.#options = { tasksMax: 4, decisionsMax: 4, largeEvery: 20, ...options };
    this.random = new SeededRandom(options.seed);
  }

  /** Another process leads the partition from now on. */
  async lead(partition: number): Promise<void> {
    const { term } = await this.#stores.runs.term(partition);
    const holder = { ...HOLDER, nodeId: `n${term}` };
    this.#fences.set(partition, await this.#stores.runs.claim(partition, holder, term));
  }

  /** Some decisions about runs of one partition, durable when it resolves. */
  async commit(): Promise<Commit> {
    const partition = this.random.int(0, this.#options.partitions - 1);
    if (!this.#fences.has(partition)) await this.lead(partition);
    const isLarge = ++this.#commits % this.#options.largeEvery === 0;
    const count = isLarge ? 60 : this.random.int(1, this.#options.decisionsMax);
    const records: JournalRecord<RunEvent>[] = [];
    const entries = new Map<string, RunEntry>();
    for (let at = 0; at < count; at++) {
      const run = this.#pick(partition);
      const events = this.#decide(run, isLarge);
      run.events.push(...events);
      records.push({ runId: run.runId, events });
      entries.set(run.runId, run.entry);
    }
    const fence = this.#fences.get(partition)!;
    const append = { records, runs: [...entries.values()] };
    const firstSeq = await this.#stores.runs.append(fence, append);
    for (const entry of entries.values()) entry.firstSeq ||= firstSeq;
    return { partition, firstSeq, records, term: fence.term };
  }

  /** Moves what is there into histories, all of it or a part. */
  async compact(partition: number): Promise<void> {
    const fence = this.#fences.get(partition);
    if (fence === undefined) return;
    const { archive } = this.#stores;
    const upTo = await archive.lastSeq(partition) - this.random.int(0, 2);
    if (upTo > 0) { while (!(await archive.compact(fence, { upTo, isClosing }))); }
  }

  /** Deletes up to so many runs of a partition that have ended, as retention does. */
  async deleteRuns(partition: number, count: number): Promise<void> {
    const fence = this.#fences.get(partition)!;
    const { archive } = this.#stores;
    const upTo = await archive.lastSeq(partition);
    while (!(await archive.compact(fence, { upTo, isClosing })));
    const ended = this.runs.filter((run) => run.partition === partition && !run.isOpen);
    const gone = await archive.deleteRuns(fence, ended.slice(0, count).map(({ runId }) => runId));
    const left = this.runs.filter(({ runId }) => !gone.includes(runId));
    this.runs.splice(0, this.runs.length, ...left);
  }

  /** What the journals tell, in the order of facts, of everything that is durable. */
  facts(): AttemptFact[] {
    return this.runs.flatMap(({ runId, events }) => factsOf(runId, events)).sort(compareFacts);
  }

  #pick(partition: number): WorldRun {
    const own = this.runs.filter((run) => run.partition === partition);
    const open = own.filter(({ isOpen }) => isOpen);
    const roll = this.random.next();
    if (own.length > 0 && roll < 0.03) return this.random.pick(own);
    if (open.length > 0 && roll < 0.85) return this.random.pick(open);
    return this.#open(partition);
  }

  #open(partition: number): WorldRun {
    const number = this.#opened++;
    const runId = `run-${number.toString().padStart(7, "0")}`;
    const workflow = `flow-${number % 3}`;
    const entry: RunEntry = {
      runId,
      workflow,
      version: null,
      status: "running",
      submittedAt: this.#at,
      finishedAt: null,
      partition,
      firstSeq: 0,
      ...(number % 2 === 0 ? { tenant: "acme" } : {}),
    };
    const run: WorldRun = { runId, partition, entry, events: [], tasks: [], isOpen: false };
    this.runs.push(run);
    return run;
  }

  #decide(run: WorldRun, isLarge: boolean): RunEvent[] {
    const at = this.#at += this.random.int(0, 50);
    if (!run.isOpen) return this.#begin(run, at);
    const waiting = run.tasks.filter(({ agent }) => agent === null);
    const flying = run.tasks.filter(({ agent }) => agent !== null);
    if (waiting.length === 0 && flying.length === 0) return [this.#close(run, at)];
    if (flying.length === 0 || (waiting.length > 0 && this.random.next() < 0.5)) {
      return [this.#start(this.random.pick(waiting), at)];
    }
    return this.#end(run, this.random.pick(flying), at, isLarge);
  }

  #begin(run: WorldRun, at: number): RunEvent[] {
    run.isOpen = true;
    run.entry = { ...run.entry, status: "running", finishedAt: null };
    const count = this.random.int(1, this.#options.tasksMax);
    const isAgain = run.events.length > 0;
    run.tasks = Array.from({ length: count }, (_, nth) => ({
      ...(nth === 0 ? { id: "alone" } : { id: "each", index: nth - 1 }),
      attempt: isAgain ? 100 * run.events.length : 1,
      agent: null,
    }));
    if (isAgain) return [{ type: "RunRetried", at }];
    const { workflow, tenant } = run.entry;
    const base = { workflow, version: null, packageHash: "0".repeat(64), workDir: "/", input: {} };
    const origin = tenant === undefined ? {} : { origin: { tenant } };
    return [{ type: "RunSubmitted", at, ...base, ...origin }];
  }

  #start(task: WorldRun["tasks"][number], at: number): RunEvent {
    const { id, index, attempt } = task;
    const agent = this.random.pick(AGENTS);
    const capability = this.random.pick(CAPABILITIES);
    const word = this.random.int(0, 39);
    task.agent = agent;
    const where = index === undefined ? { task: id } : { task: id, index };
    return {
      type: "AttemptStarted",
      at,
      ...where,
      attempt,
      agent,
      assignment: {
        way: "evidence",
        capability,
        codeHash: `code-${agent.length}`,
        inputHash: `input-${word}`,
        text: `${capability} word${word} word${word % 7}`,
        costUsd: agent.length / 1_000,
        candidates: [],
        considered: AGENTS.length,
      },
    };
  }

  #end(
    run: WorldRun,
    task: WorldRun["tasks"][number],
    at: number,
    isLarge: boolean,
  ): RunEvent[] {
    const { id, index, attempt } = task;
    const where = index === undefined ? { task: id } : { task: id, index };
    task.agent = null;
    task.attempt++;
    const roll = this.random.next();
    if (roll < 0.15) {
      const error = { code: "CRASHED", message: "it crashed" };
      return [{ type: "AttemptFailed", at, ...where, attempt, error, retryAt: at }];
    }
    if (roll < 0.2) {
      const error = { code: "NODE_LOST", message: "the node is gone" };
      return [{ type: "AttemptFailed", at, ...where, attempt, error, lost: true, retryAt: at }];
    }
    if (roll < 0.25) return [{ type: "TaskRepeated", at, ...where, nextAt: at }];
    run.tasks.splice(run.tasks.indexOf(task), 1);
    if (roll < 0.3) {
      const error = { code: "FAILED", message: "no use" };
      return [
        { type: "AttemptFailed", at, ...where, attempt, error },
        { type: "TaskFailed", at, ...where, error },
      ];
    }
    const output = { n: attempt, text: "x".repeat(isLarge ? 2_000 : 5) };
    return [{ type: "TaskCompleted", at, ...where, output }];
  }

  #close(run: WorldRun, at: number): RunEvent {
    run.isOpen = false;
    run.entry = { ...run.entry, status: "completed", finishedAt: at };
    return { type: "RunCompleted", at, output: null };
  }
}

/** What the events of one run tell. */
export function factsOf(runId: string, events: readonly RunEvent[]): AttemptFact[] {
  const reader = new FactReader();
  const facts: AttemptFact[] = [];
  for (const event of events) {
    if (event.type === "RunRetried") {
      const submitted = events[0] as Extract<RunEvent, { type: "RunSubmitted" }>;
      const { workflow, origin } = submitted;
      reader.resume(runId, { workflow, tenant: origin?.tenant ?? null });
    }
    facts.push(...reader.read(runId, [event]).facts);
  }
  return facts;
}
