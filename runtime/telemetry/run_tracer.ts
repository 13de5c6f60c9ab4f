/**
 * Traces of runs, through OpenTelemetry's API and Deno's own exporter.
 *
 * @module
 */
import { type Attributes, trace } from "@opentelemetry/api";
import type { TracedRun } from "../../actors/attempt.ts";
import { partitionOfRun } from "../../core/partitions.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { AttemptTracer } from "../cells/mod.ts";
import type { ClusterNode } from "../node/cluster_node.ts";
import type { Notice } from "../node/node_notices.ts";
import type { RunUpdate } from "../node/mod.ts";
import { AttemptSpans } from "./attempt_spans.ts";
import { RunSpans } from "./run_spans.ts";
import { isTracing, SCOPE } from "./traceparent.ts";

/** What a tracer needs of a node. */
export type TracedNode = Pick<ClusterNode, "subscribe" | "reader" | "stores">;

export interface RunTracerOptions {
  /** Version of the program. */
  version: string;
  /** Names the node in its spans, where it is known before the node is up. */
  nodeId?: string;
}

/** A tracer of runs, or `null` when nobody takes spans: then there is nothing to follow. */
export function createRunTracer(options: RunTracerOptions): RunTracer | null {
  return isTracing() ? new RunTracer(options) : null;
}

export class RunTracer {
  /** To be given to the node's cells. */
  readonly attempts: AttemptTracer;
  readonly #attempts: AttemptSpans;
  readonly #runs: RunSpans;
  /** Of runs whose beginning was not seen here, while it is looked up. */
  readonly #waiting = new Map<string, RunUpdate[]>();
  #find: (runId: string) => Promise<TracedRun | null> = () => Promise.resolve(null);
  #partitions: number | null = null;
  #unsubscribe: () => void = () => {};

  constructor({ version, nodeId }: RunTracerOptions) {
    const tracer = trace.getTracer(SCOPE, version);
    const node: Attributes = nodeId === undefined ? {} : { "denizen.node.id": nodeId };
    this.#runs = new RunSpans(tracer, node);
    this.attempts = this.#attempts = new AttemptSpans(tracer, this.#runs, node);
  }

  /** Follows the runs that the node leads, until {@linkcode close}. */
  async follow(node: TracedNode): Promise<void> {
    this.#find = (runId) => findOrigin(node.reader.events(runId));
    this.#unsubscribe = node.subscribe((update) => this.observe(update));
    this.#partitions = (await node.stores.cluster.knownSettings())?.partitions ?? null;
  }

  observe(update: RunUpdate): void {
    const { event, runId } = update;
    if (event === undefined) return;
    const waiting = this.#waiting.get(runId);
    if (waiting !== undefined) return void waiting.push(update);
    if (event.type === "RunSubmitted") this.#runs.open(runId, toTraced(event), event.at);
    const run = this.#runs.find(runId);
    if (run !== undefined) this.#runs.note(run, event);
    else void this.#lookUp(update);
  }

  /** The run was taken over from another leader, or goes on after it was closed. */
  async #lookUp(update: RunUpdate): Promise<void> {
    const { runId } = update;
    const waiting = [update];
    this.#waiting.set(runId, waiting);
    const traced = await this.#find(runId).catch(() => null);
    this.#waiting.delete(runId);
    if (traced === null) return;
    this.#runs.open(runId, { ...traced, isTakenOn: true }, update.at);
    for (const each of waiting) this.observe(each);
  }

  /** What the node tells of its partitions: runs of those that it gives away end here. */
  notice({ type, partition }: Notice): void {
    if (!PARTING.has(type) || this.#partitions === null) return;
    const count = this.#partitions;
    this.#runs.handOver((runId) => partitionOfRun(runId, count) === partition);
  }

  /** To be called when the node has closed: what is open here goes on elsewhere. */
  close(): void {
    this.#unsubscribe();
    this.#attempts.close();
    this.#runs.handOver(() => true);
  }
}

const PARTING: ReadonlySet<Notice["type"]> = new Set([
  "step-down",
  "hand-over",
  "fenced",
  "surrender",
]);

async function findOrigin(events: AsyncIterable<{ event: RunEvent }>): Promise<TracedRun | null> {
  for await (const { event } of events) {
    return event.type === "RunSubmitted" ? toTraced(event) : null;
  }
  return null;
}

function toTraced(event: Extract<RunEvent, { type: "RunSubmitted" }>): TracedRun {
  const { workflow, version, at, origin } = event;
  return {
    workflow,
    version,
    submittedAt: at,
    traceparent: origin?.traceparent,
    isTakenOn: false,
  };
}
