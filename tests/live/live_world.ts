/**
 * A journal that a test writes to, and nodes without cells that stream what is written.
 *
 * @module
 */
import { partitionOfRun } from "../../core/partitions.ts";
import type { Fence } from "../../core/ports.ts";
import { NodeLink } from "../../runtime/cluster/link/mod.ts";
import {
  LiveHub,
  type LiveHubOptions,
  type LiveNode,
  type LiveStream,
} from "../../runtime/live/mod.ts";
import type { LiveFrame } from "../../runtime/live/mod.ts";
import type { RunUpdate } from "../../runtime/node/denizen_node.ts";
import { readRuns } from "../../runtime/node/reader.ts";
import { toUpdate } from "../../runtime/node/run_update.ts";
import { isClosing } from "../../runtime/scheduler/mod.ts";
import {
  openMemoryArchive,
  openMemoryClusterStore,
  openMemoryStore,
} from "../../runtime/store/mod.ts";
import type { RunEvent, RunOrigin } from "../../workflows/mod.ts";

const PARTITIONS = 1;

/** Node `name`, streaming. */
export class StreamingNode {
  readonly name: string;
  readonly hub: LiveHub;
  readonly link: NodeLink;
  readonly listeners = new Set<(update: RunUpdate) => void>();

  constructor(
    name: string,
    link: NodeLink,
    world: LiveWorld,
    options: Partial<LiveHubOptions>,
  ) {
    this.name = name;
    this.link = link;
    const { runs, archive, cluster } = world;
    const node: LiveNode = {
      nodeId: name,
      link,
      stores: { runs, archive },
      reader: readRuns({ runs, archive, cluster }),
      members: () =>
        world.nodes.map(({ name, link }) => ({
          nodeId: name,
          boot: "1",
          url: link.url,
          state: "living" as const,
        })),
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    };
    this.hub = new LiveHub({ node, pollMs: 20, ...options });
  }

  tell(update: RunUpdate): void {
    for (const listener of this.listeners) listener(update);
  }
}

/** One journal, and who streams it. The first node leads all runs. */
export class LiveWorld implements AsyncDisposable {
  readonly runs = openMemoryStore<RunEvent>();
  readonly archive = openMemoryArchive(this.runs);
  readonly cluster = openMemoryClusterStore();
  readonly nodes: StreamingNode[] = [];
  #fence!: Fence;
  #at = 1_000;

  static async open(options: Partial<LiveHubOptions> = {}, nodes = 1): Promise<LiveWorld> {
    const world = new LiveWorld();
    await world.cluster.settings({ partitions: PARTITIONS });
    const holder = { nodeId: "n0", host: "h", pid: 1, processStart: "s" };
    world.#fence = await world.runs.claim(partitionOfRun("", PARTITIONS), holder, 0);
    for (let at = 0; at < nodes; at++) {
      const link = await NodeLink.open({ token: "t".repeat(32), onRefused: () => {} });
      world.nodes.push(new StreamingNode(`n${at}`, link, world, options));
    }
    return world;
  }

  get hub(): LiveHub {
    return this.nodes[0]!.hub;
  }

  /** Writes one segment and tells the leader's listeners of it. */
  async commit(...records: { runId: string; events: RunEvent[] }[]): Promise<number> {
    const lines = records.flatMap(({ runId, events }) => this.#lineOf(runId, events));
    const seq = await this.runs.append(this.#fence, {
      records,
      runs: await Promise.all(lines),
    });
    for (const { runId, events } of records) {
      for (const event of events) {
        this.nodes[0]!.tell(toUpdate({ type: "event", runId, event }, event.at));
      }
    }
    return seq;
  }

  async #lineOf(runId: string, events: readonly RunEvent[]) {
    const known = await this.runs.run(runId);
    const first = events[0]!;
    const last = events.at(-1)!;
    const origin = first.type === "RunSubmitted" ? first.origin : undefined;
    return {
      runId,
      workflow: "w",
      version: null,
      submittedAt: first.at,
      partition: this.#fence.partition,
      firstSeq: 0,
      ...(origin?.tenant === undefined ? {} : { tenant: origin.tenant }),
      ...known,
      status: isClosing(last) ? last.type.slice(3).toLowerCase() : "running",
      finishedAt: isClosing(last) ? last.at : null,
    };
  }

  /** Moves the journal into histories. */
  async compact(): Promise<void> {
    const upTo = await this.archive.lastSeq(this.#fence.partition);
    while (!await this.archive.compact(this.#fence, { upTo, isClosing }));
  }

  // --- events ---

  submitted(origin: RunOrigin = {}): RunEvent {
    return {
      type: "RunSubmitted",
      at: this.#at++,
      workflow: "w",
      version: null,
      packageHash: "0".repeat(64),
      workDir: "/",
      input: {},
      origin,
    };
  }

  signal(payload: number): RunEvent {
    return { type: "SignalReceived", at: this.#at++, name: "n", payload, signalId: `${payload}` };
  }

  failed(): RunEvent {
    return { type: "RunFailed", at: this.#at++, error: { code: "FAILED", message: "drawn" } };
  }

  retried(): RunEvent {
    return { type: "RunRetried", at: this.#at++ };
  }

  completed(): RunEvent {
    return { type: "RunCompleted", at: this.#at++, output: null };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { hub } of this.nodes) await hub.close();
    for (const { link } of this.nodes) await link.close();
  }
}

/** Frames of a stream until one of them satisfies, or it ends. */
export async function takeUntil(
  stream: LiveStream,
  isLast: (frame: LiveFrame) => boolean = () => false,
): Promise<LiveFrame[]> {
  const frames: LiveFrame[] = [];
  for await (const frame of stream) {
    frames.push(frame);
    if (isLast(frame)) break;
  }
  stream.close();
  return frames;
}
