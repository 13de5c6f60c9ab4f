/**
 * Nodes without cells and without elections on stores in memory: a test says who leads what, who
 * lives, and what attempts come to.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt, AttemptId, AttemptOutcome } from "../actors/mod.ts";
import type { Fence, InboxCommand } from "../core/ports.ts";
import { Outbox } from "../runtime/node/outbox.ts";
import { PackageShelf } from "../runtime/node/package_shelf.ts";
import type { WorkflowPackage } from "../runtime/node/packages.ts";
import { PartitionTable } from "../runtime/node/partition_table.ts";
import { RunFactory } from "../runtime/node/run_factory.ts";
import { SharedPartitions } from "../runtime/node/shared_partitions.ts";
import { readHistory, recoverRun, type RunNews } from "../runtime/scheduler/mod.ts";
import {
  type MemoryStore,
  openMemoryArchive,
  openMemoryDocumentStore,
  openMemoryStore,
} from "../runtime/store/mod.ts";
import type { AttemptLetter, RunEvent, RunState, RunWish } from "../workflows/mod.ts";
import { definitionOf, type ShortTask } from "./decider_kit.ts";

export const PARTITION = 0;

/** What nodes share. Calls of a test's choice may be held back, or fail. */
export class SharedMemory {
  readonly runs: MemoryStore<RunEvent> = openMemoryStore();
  readonly archive = openMemoryArchive(this.runs);
  readonly documents = openMemoryDocumentStore();
  #term = 0;

  /** Takes the partition for a node, whoever had it. */
  async claim(nodeId: string): Promise<Fence> {
    const holder = { nodeId, host: "h", pid: 1, processStart: "s" };
    const fence = await this.runs.claim(PARTITION, holder, this.#term);
    this.#term = fence.term;
    return fence;
  }

  /** Stores a package of these tasks; answers with its hash. */
  async remember(tasks: ShortTask[]): Promise<string> {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const codeHash = await this.runs.putBlob(bytes("export default {}"));
    const agents = { a: { codeHash, capabilities: [] }, b: { codeHash, capabilities: [] } };
    const content: WorkflowPackage = { definition: definitionOf(tasks), agents };
    return await this.runs.putBlob(bytes(JSON.stringify(content)));
  }

  async wish(runId: string, { type, ...body }: RunWish): Promise<void> {
    const command = { runId, type, body: body as unknown as InboxCommand["body"] };
    await this.runs.send(PARTITION, [command]);
  }

  async events(runId: string): Promise<RunEvent[]> {
    const entry = await this.runs.run(runId);
    if (entry === null) return [];
    const history = readHistory(this.runs, entry, entry.firstSeq, this.archive);
    return (await Array.fromAsync(history)).map(({ event }) => event);
  }

  async state(runId: string): Promise<RunState> {
    const shelf = new PackageShelf(() => Promise.resolve(this.runs));
    const run = await recoverRun(this.runs, runId, (hash) => shelf.plan(hash), this.archive);
    assert.ok(run !== null, `${runId} is known`);
    return run.state;
  }
}

/** A node that leads what it is told to. */
export class LeadingNode {
  readonly name: string;
  readonly memory: SharedMemory;
  readonly table: PartitionTable;
  readonly outbox: Outbox;
  readonly shared: SharedPartitions;
  /** Attempts in its cells. */
  readonly cells = new Map<string, Attempt>();
  readonly cancelled: AttemptId[] = [];
  readonly letters: { to: string; letter: AttemptLetter }[] = [];
  readonly news: RunNews[] = [];
  /** Leaderships that it gave up by itself. */
  readonly given: string[] = [];
  living: Set<string>;
  isConfirmed = true;

  /** @param runs the store as this node sees it */
  constructor(name: string, memory: SharedMemory, runs: MemoryStore<RunEvent> = memory.runs) {
    this.name = name;
    this.memory = memory;
    this.living = new Set([name]);
    this.table = new PartitionTable((untold) => this.outbox.tell(untold));
    this.outbox = new Outbox({
      send: (partition, commands) => runs.send(partition, commands),
      partitionOf: () => PARTITION,
      onError: () => {},
    });
    const shelf = new PackageShelf(() => Promise.resolve(runs));
    this.shared = new SharedPartitions({
      stores: { runs, archive: memory.archive, documents: memory.documents },
      table: this.table,
      cells: {
        attempts: () => this.cells.values(),
        capacity: () => 100,
        dispatch: (_key, attempts) => {
          for (const attempt of attempts) this.cells.set(nameOf(attempt), attempt);
        },
        cancel: (id) => void this.cancelled.push(id),
      },
      clock: Date,
      node: name,
      shelf,
      factory: new RunFactory({
        cells: { register: () => "key", inspect: () => [], warm: () => {} },
        shelf,
        systems: { start: () => Promise.resolve() },
      }),
      outbox: this.outbox,
      post: (to, letters) => this.letters.push(...letters.map((letter) => ({ to, letter }))),
      onNews: (news) => this.news.push(news),
      pollMs: 200,
    });
    this.shared.join({
      mayDispatch: () => this.isConfirmed,
      living: () => this.living,
      fenced: (partition, term) => {
        this.given.push(`fenced ${term}`);
        if (this.table.get(partition)?.fence.term === term) this.shared.drop(partition);
      },
      surrender: (_, term) => void this.given.push(`surrender ${term}`),
    });
  }

  /** Claims the partition and leads it. */
  async lead(): Promise<Fence> {
    const fence = await this.memory.claim(this.name);
    await this.shared.lead(fence);
    return fence;
  }

  /** Its cells have done an attempt. */
  answer(task: string, outcome: AttemptOutcome = { status: "completed", output: 1 }): void {
    const [key, attempt] = [...this.cells].find(([, { taskId }]) => taskId === task)!;
    this.cells.delete(key);
    this.table.finish([{ id: attempt, outcome }]);
  }

  /** Resolves once the cells have an attempt of the task. */
  async begun(task: string): Promise<Attempt> {
    const find = () => [...this.cells.values()].find(({ taskId }) => taskId === task);
    await until(() => find() !== undefined);
    return find()!;
  }

  async close(): Promise<void> {
    this.outbox.close();
    await this.shared.close();
    await this.table.stop();
  }
}

/** Runs a test with nodes that are closed behind it. */
export async function withNodes(
  names: readonly string[],
  work: (memory: SharedMemory, ...nodes: LeadingNode[]) => Promise<void>,
): Promise<void> {
  const memory = new SharedMemory();
  const nodes = names.map((name) => new LeadingNode(name, memory));
  for (const node of nodes) node.living = new Set(names);
  try {
    await work(memory, ...nodes);
  } finally {
    for (const node of nodes) await node.close();
  }
}

/** Waits until it holds; fails after 5 s. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 5_000;
  while (!await holds()) {
    assert.ok(performance.now() < limit, `never came true: ${holds}`);
    await sleep(5);
  }
}

function nameOf({ runId, taskId, index, attempt }: AttemptId): string {
  return `${runId} ${taskId} ${index} ${attempt}`;
}
