import type { Json } from "../../core/json.ts";
import { isShared, partitionOfRun } from "../../core/partitions.ts";
import { hasEnded } from "../../workflows/mod.ts";
import { ActivityTally, type GroupReport } from "./activity_tally.ts";
import type { ControlNode } from "./control_node.ts";
import type { RunFolds } from "./run_folds.ts";

/** Reports of all nodes, and who did not answer. */
export interface ActivityOfAll {
  groups: GroupReport[];
  missing: string[];
}

export interface ActivityReportsOptions {
  node: ControlNode;
  folds: RunFolds;
  /** Epoch milliseconds. */
  now: () => number;
}

const METHOD = "overview";
const CALL_MS = 800;
/** What all nodes told may be so old. */
const FRESH_MS = 500;
/** The same where only other nodes' waiting runs are wanted. */
const ELSEWHERE_FRESH_MS = 1_000;
/** Runs that were begun before this node listened are looked up, so many at once. */
const ADOPT_AT_ONCE = 4;
const ADOPT_WAITING_MAX = 2_000;
/** Lines of the run list in which open runs are looked for when partitions come. */
const SCAN_MAX = 1_000;

/** What the nodes of the cluster do: each counts what it leads, and asks the others. */
export class ActivityReports {
  readonly #options: ActivityReportsOptions;
  readonly #tally = new ActivityTally();
  readonly #adopting = new Set<string>();
  readonly #toAdopt: string[] = [];
  #led = "";
  #all: { at: number; found: Promise<ActivityOfAll> } | null = null;
  /** Runs of other nodes that waited when those were asked last. */
  #waitingElsewhere: ReadonlySet<string> = new Set();
  readonly #unsubscribe: () => void;
  #isClosed = false;

  constructor(options: ActivityReportsOptions) {
    this.#options = options;
    const { node } = options;
    this.#unsubscribe = node.subscribe(({ runId, type, event }) => {
      if (type !== "event" || event === undefined) return;
      const isKnown = this.#tally.add(runId, event, options.now());
      if (!isKnown && event.type !== "RunSubmitted") this.#adopt(runId);
    });
    node.link.handle(METHOD, async () => await this.own() as unknown as Json);
    void this.#seed();
  }

  /** What the runs do that this node leads. */
  async own(): Promise<GroupReport[]> {
    await this.#heedPartitions();
    return this.#tally.report(this.#options.now());
  }

  /** The same of every node that answers in time. */
  all(): Promise<ActivityOfAll> {
    const now = this.#options.now();
    if (this.#all !== null && Math.abs(now - this.#all.at) < FRESH_MS) return this.#all.found;
    const found = this.#askAll();
    this.#all = { at: now, found };
    found.catch(() => this.#all = null);
    return found;
  }

  /** Whether the run waits for time or a signal; of other nodes' runs, about a second ago. */
  isWaiting(runId: string): boolean {
    if (this.#tally.knows(runId)) return this.#tally.isWaiting(runId);
    const { node, now } = this.#options;
    const isOld = this.#all === null || now() - this.#all.at >= ELSEWHERE_FRESH_MS;
    if (isOld && !this.#isClosed && node.members().length > 1) this.all().catch(() => {});
    return this.#waitingElsewhere.has(runId);
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
  }

  async #askAll(): Promise<ActivityOfAll> {
    const { node } = this.#options;
    const missing: string[] = [];
    const others = node.members().filter(({ nodeId, state }) =>
      nodeId !== node.nodeId && state !== "gone"
    );
    const answers = await Promise.all(others.map(async ({ nodeId, url }) => {
      try {
        if (url === null) throw new Error("it has no door");
        const answer = await node.link.call(url, METHOD, null, { timeoutMs: CALL_MS });
        return answer as unknown as GroupReport[];
      } catch {
        missing.push(nodeId);
        return [];
      }
    }));
    const elsewhere = answers.flat();
    this.#waitingElsewhere = new Set(elsewhere.flatMap(({ waitingIds }) => waitingIds));
    return { groups: [...await this.own(), ...elsewhere], missing: missing.sort() };
  }

  // --- runs that came with a partition ---

  /** Partitions come and go: with them the runs. */
  async #heedPartitions(): Promise<void> {
    const led = this.#partitions();
    const text = [...led].join();
    if (text === this.#led) return;
    const hasMore = led.size > 0;
    this.#led = text;
    const { cluster } = this.#options.node.stores;
    const partitions = (await cluster.knownSettings())?.partitions ?? 1;
    this.#tally.keep((runId) => led.has(partitionOfRun(runId, partitions)));
    if (hasMore) void this.#seed();
  }

  #partitions(): Set<number> {
    const { node } = this.#options;
    const self = node.members().find(({ nodeId }) => nodeId === node.nodeId);
    return new Set(self?.partitions ?? []);
  }

  /** Open runs of this node's partitions, as far as the newest lines of the run list tell. */
  async #seed(): Promise<void> {
    try {
      const led = this.#partitions();
      if (led.size === 0) return;
      const entries = await this.#options.node.stores.runs.runs({ limit: SCAN_MAX });
      for (const { runId, finishedAt, partition } of entries) {
        const isOwn = finishedAt === null && isShared(partition) && led.has(partition);
        if (isOwn && !this.#tally.knows(runId)) this.#adopt(runId);
      }
    } catch {
      // Counts are short of these runs until something happens to them.
    }
  }

  #adopt(runId: string): void {
    if (this.#adopting.has(runId) || this.#toAdopt.length >= ADOPT_WAITING_MAX) return;
    this.#adopting.add(runId);
    this.#toAdopt.push(runId);
    if (this.#adopting.size - this.#toAdopt.length < ADOPT_AT_ONCE) void this.#adoptNext();
  }

  async #adoptNext(): Promise<void> {
    for (let runId = this.#toAdopt.shift(); runId !== undefined; runId = this.#toAdopt.shift()) {
      try {
        if (!this.#isClosed) await this.#lookUp(runId);
      } catch {
        // Gone, or the store does not answer: the next event of the run tries again.
      } finally {
        this.#adopting.delete(runId);
      }
    }
  }

  async #lookUp(runId: string): Promise<void> {
    const { state } = await this.#options.folds.get(runId, { isFresh: true });
    if (hasEnded(state.status) || state.status === "pending") return;
    const { tags = [], tenant = null } = state.origin;
    const labels = { workflow: state.plan.definition.name, tags, tenant };
    this.#tally.adopt(runId, labels, state, this.#options.now());
  }
}
