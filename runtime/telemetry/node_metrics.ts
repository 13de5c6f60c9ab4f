/**
 * The metrics of a node, as Prometheus reads them.
 *
 * @module
 */
import { Counter, Gauge, type Histogram, Registry } from "prom-client";
import { partitionOfRun } from "../../core/partitions.ts";
import type { CellEnding } from "../cells/mod.ts";
import type { ClusterNode } from "../node/cluster_node.ts";
import type { Notice } from "../node/node_notices.ts";
import type { RunUpdate } from "../node/mod.ts";
import { BoundedLabel } from "./bounded_label.ts";
import { ClusterMetrics } from "./cluster_metrics.ts";
import { HttpMetrics } from "./http_metrics.ts";
import { addNodeGauges, type LiveCounts } from "./node_gauges.ts";
import { addProcessMetrics, newLagMetric } from "./process_metrics.ts";
import { RunMetrics } from "./run_metrics.ts";

/** What metrics need of a node. */
export type MeasuredNode = Pick<
  ClusterNode,
  "nodeId" | "runs" | "stores" | "subscribe" | "members" | "isReady"
>;

export interface NodeMetricsOptions {
  /** Version of the program. */
  version: string;
}

/** How often the event loop and the heartbeat are looked at. */
const SAMPLE_MS = 250;
const AGENTS_MAX = 200;
const CAUSES_MAX = 30;

export class NodeMetrics {
  /** Of the text that {@linkcode text} makes. */
  readonly contentType: string;
  readonly #register = new Registry();
  readonly #runs: RunMetrics;
  readonly #cluster: ClusterMetrics;
  readonly #http: HttpMetrics;
  readonly #cells: Counter<"agent" | "cause">;
  readonly #lag: Histogram;
  readonly #agent = new BoundedLabel(AGENTS_MAX);
  readonly #cause = new BoundedLabel(CAUSES_MAX);
  #node: MeasuredNode | null = null;
  #live: () => LiveCounts = () => ({ sse: 0, webSocket: 0, dropped: 0 });
  #unsubscribe: () => void = () => {};
  #sampling: ReturnType<typeof setInterval> | undefined;
  #partitions: number | null = null;
  #beat = { number: 0, at: performance.now() };

  constructor({ version }: NodeMetricsOptions) {
    const register = this.#register;
    this.contentType = register.contentType;
    this.#runs = new RunMetrics(register, (runId) => this.#find(runId));
    this.#cluster = new ClusterMetrics(register);
    this.#http = new HttpMetrics(register);
    this.#cells = new Counter({
      name: "denizen_cell_endings_total",
      help: "Processes of agents and actors that ended; cause is RECYCLED or an error's code.",
      labelNames: ["agent", "cause"],
      registers: [register],
    });
    new Gauge({
      name: "denizen_build_info",
      help: "Always 1; its labels say what runs here.",
      labelNames: ["version", "deno"],
      registers: [register],
    }).set({ version, deno: Deno.version.deno }, 1);
    addNodeGauges(register, {
      node: () => this.#node,
      live: () => this.#live(),
      heartbeatAgeS: () => (performance.now() - this.#beat.at) / 1_000,
    });
    this.#lag = newLagMetric(register);
    addProcessMetrics(register);
  }

  /** Measures a node until {@linkcode close}. */
  async follow(node: MeasuredNode): Promise<void> {
    this.#node = node;
    this.#unsubscribe = node.subscribe((update) => this.observe(update));
    this.#sample(node);
    this.#partitions = (await node.stores.cluster.knownSettings())?.partitions ?? null;
  }

  #sample(node: MeasuredNode): void {
    let last = performance.now();
    this.#sampling = setInterval(() => {
      const now = performance.now();
      this.#lag.observe(Math.max(0, now - last - SAMPLE_MS) / 1_000);
      last = now;
      const own = node.members().find(({ nodeId }) => nodeId === node.nodeId);
      if (own !== undefined && own.beat !== this.#beat.number && node.isReady()) {
        this.#beat = { number: own.beat, at: now };
      }
    }, SAMPLE_MS);
  }

  async #find(runId: string) {
    return await this.#node?.stores.runs.run(runId) ?? null;
  }

  /** What happens to the runs that the node leads. */
  observe(update: RunUpdate): void {
    this.#runs.observe(update);
  }

  /** What the node tells of its partitions. */
  notice(notice: Notice): void {
    const isLost = this.#cluster.notice(notice);
    const count = this.#partitions;
    if (!isLost || count === null) return;
    this.#runs.forget((runId) => partitionOfRun(runId, count) === notice.partition);
  }

  /** A process of an agent or an actor has ended. */
  cellEnded({ agent, cause }: CellEnding): void {
    this.#cells.inc({ agent: this.#agent.of(agent), cause: this.#cause.of(cause) });
  }

  /**
   * A request was answered.
   *
   * @param route template, such as `/api/v1/runs/{id}`; never a path that somebody sent
   */
  http(route: string, method: string, status: number, seconds: number): void {
    this.#http.observe(route, method, status, seconds);
  }

  /** Who counts the clients that listen. */
  countLive(live: () => LiveCounts): void {
    this.#live = live;
  }

  /** Everything, in Prometheus' text format. */
  text(): Promise<string> {
    return this.#register.metrics();
  }

  close(): void {
    this.#unsubscribe();
    clearInterval(this.#sampling);
    this.#node = null;
  }
}
