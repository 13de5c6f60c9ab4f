/**
 * Nodes on one store, with a client that submits runs and a reader that follows the journals.
 *
 * @module
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isShared } from "../../../core/partitions.ts";
import { JournalTail } from "./journal_tail.ts";
import { NodeProcess } from "./node_process.ts";
import { StoreLink } from "./store_link.ts";

/** How a cluster is started. */
export interface ClusterOptions {
  /** For logs and state directories. */
  folder: string;
  storeUrl: string;
  nodes: number;
  electionTimeoutMs: number;
  /** Environment of a node, whenever it is started. */
  environment: (nodeId: string) => Record<string, string>;
  /** How often the journals are looked at. Default 200 ms. */
  tailMs?: number;
}

/** A node that ended by itself is started again after so long. */
const RESTART_MS = 1_000;
/** A cluster that leads nothing by then will not. */
const READY_MS_MAX = 60_000;

/** A cluster of processes. */
export class Cluster {
  readonly nodes: readonly NodeProcess[];
  readonly link: StoreLink;
  readonly tail: JournalTail;
  #isOver = false;
  readonly #watching: Promise<void>;

  private constructor(nodes: NodeProcess[], link: StoreLink, tailMs?: number) {
    this.nodes = nodes;
    this.link = link;
    this.tail = new JournalTail(link, tailMs);
    this.tail.start();
    this.#watching = this.#watch();
  }

  /** Starts the nodes, and waits until every partition is led. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const { folder, storeUrl, electionTimeoutMs, environment, tailMs } = options;
    const names = Array.from({ length: options.nodes }, (_, at) => `n${at + 1}`);
    const nodes = names.map((nodeId) =>
      new NodeProcess({ nodeId, folder, storeUrl, electionTimeoutMs, env: environment(nodeId) })
    );
    const link = new StoreLink({ dataDir: join(folder, "client"), store: storeUrl });
    const cluster = new Cluster(nodes, link, tailMs);
    try {
      for (const node of nodes) node.start();
      await cluster.untilLed();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Nodes that lead a partition. */
  async leaders(): Promise<NodeProcess[]> {
    const pids = new Set((await this.#sharedTerms()).map(({ holder }) => holder?.pid));
    return this.nodes.filter(({ pid }) => pid !== null && pids.has(pid));
  }

  /** Partitions that a node leads, and since which term. */
  async termsOf({ pid }: NodeProcess): Promise<Map<number, number>> {
    const led = (await this.#sharedTerms()).filter(({ holder }) => holder !== null)
      .filter(({ holder }) => holder!.pid === pid);
    return new Map(led.map(({ partition, term }) => [partition, term]));
  }

  /** Waits until running nodes lead every partition, and each of these nodes leads one. */
  async untilLed(which: readonly NodeProcess[] = []): Promise<void> {
    const giveUpAt = performance.now() + READY_MS_MAX;
    while (!(await this.#isLed(which).catch(() => false))) {
      if (performance.now() > giveUpAt) throw new Error(`No leaders:\n${this.lastLines()}`);
      await sleep(50);
    }
  }

  async #isLed(which: readonly NodeProcess[]): Promise<boolean> {
    const settings = await this.link.ask(({ cluster }) => cluster.knownSettings());
    const terms = await this.#sharedTerms();
    if (settings === null || terms.length < settings.partitions) return false;
    const pids = new Set(this.nodes.map(({ pid }) => pid));
    const leading = new Set(terms.map(({ holder }) => holder?.pid ?? -1));
    return leading.values().every((pid) => pids.has(pid)) &&
      which.every(({ pid }) => pid !== null && leading.has(pid));
  }

  async #sharedTerms() {
    const terms = await this.link.ask(({ runs }) => runs.terms());
    return terms.filter(({ partition }) => isShared(partition));
  }

  /** What each node said last. */
  lastLines(): string {
    return this.nodes.map(({ nodeId, lastLines }) => `${nodeId}: ${lastLines.join("\n    ")}`)
      .join("\n");
  }

  /** As a machine's own supervisor would: whoever ended by itself is started again. */
  async #watch(): Promise<void> {
    const known = new Map(this.nodes.map((node) => [node, 0]));
    while (!this.#isOver) {
      for (const node of this.nodes) {
        const { crashes } = node.counts;
        if (crashes > known.get(node)! && node.pid === null) node.start();
        known.set(node, crashes);
      }
      await sleep(RESTART_MS);
    }
  }

  /** Ends all nodes at once: from here on nothing changes any more. */
  async halt(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
    await Promise.allSettled(this.nodes.map((node) => node.kill()));
  }

  /** Ends all nodes, and lets go of the store. */
  async stop(): Promise<void> {
    await this.halt();
    await this.tail.stop();
    for (const node of this.nodes) await node.close();
    await this.link.close();
  }
}
