/**
 * What a node is at the moment: read when somebody asks for the metrics.
 *
 * @module
 */
import { Counter, Gauge, type Registry } from "prom-client";
import type { CellInfo } from "../cells/mod.ts";
import type { MeasuredNode } from "./node_metrics.ts";

/** Clients that listen now, and those that were dropped because they did not keep up. */
export interface LiveCounts {
  sse: number;
  webSocket: number;
  /** Ever since the node began. */
  dropped: number;
}

export interface GaugeSources {
  /** `null` before the node is up. */
  node(): MeasuredNode | null;
  live(): LiveCounts;
  /** Since the node's own heartbeat was last written and confirmed. */
  heartbeatAgeS(): number;
}

/** What is read from the store is read again after so long. */
const STORE_READ_EVERY_MS = 5_000;
const DEAD_LETTERS_MAX = 1_000;
const MEMBER_STATES = ["living", "draining", "gone"] as const;
const CELL_STATES = ["starting", "blank", "loading", "ready", "ending"] as const;

/** Declares the gauges of a node. */
export function addNodeGauges(register: Registry, sources: GaugeSources): void {
  addClusterGauges(register, sources);
  addCellGauges(register, () => sources.node()?.runs.inspectCells() ?? []);
  addStoreGauges(register, () => sources.node());
  addLiveMetrics(register, () => sources.live());
}

function addClusterGauges(register: Registry, { node, heartbeatAgeS }: GaugeSources): void {
  const own = () => node()?.members().find(({ nodeId }) => nodeId === node()!.nodeId);
  gauge(register, "denizen_node_ready", "1 while the node takes part in the cluster.", () => {
    return node()?.isReady() === true ? 1 : 0;
  });
  gauge(register, "denizen_heartbeat_age_seconds", HEARTBEAT_HELP, heartbeatAgeS);
  gauge(
    register,
    "denizen_partitions_led",
    "Partitions that this node leads.",
    () => own()?.partitions.length ?? 0,
  );
  gauge(register, "denizen_runs_open", "Open runs that this node works on.", () => {
    return own()?.runs ?? 0;
  });
  new Gauge({
    name: "denizen_nodes",
    help: "Nodes of the cluster as this one sees them; state is living, draining or gone.",
    labelNames: ["state"],
    registers: [register],
    collect() {
      for (const state of MEMBER_STATES) {
        this.set({ state }, node()?.members().filter((one) => one.state === state).length ?? 0);
      }
    },
  });
}

const HEARTBEAT_HELP =
  "Since this node's heartbeat last advanced and was confirmed; sampled every 250 ms.";

function addCellGauges(register: Registry, cells: () => CellInfo[]): void {
  new Gauge({
    name: "denizen_cells",
    help: "Processes of agents and actors, by how far they have come up or down.",
    labelNames: ["state"],
    registers: [register],
    collect() {
      const all = cells();
      for (const state of CELL_STATES) {
        this.set({ state }, all.filter((cell) => cell.state === state).length);
      }
    },
  });
  const sum = (of: (cell: CellInfo) => number) => cells().reduce((all, cell) => all + of(cell), 0);
  gauge(register, "denizen_cells_memory_bytes", "Resident memory of all cells.", () => {
    return sum(({ rssBytes }) => rssBytes);
  });
  gauge(register, "denizen_work_in_flight", "Attempts and messages that cells work on.", () => {
    return sum(({ inFlight }) => inFlight);
  });
}

function addStoreGauges(register: Registry, node: () => MeasuredNode | null): void {
  const readInboxes = cached(() => countWaiting(node()));
  new Gauge({
    name: "denizen_inbox_commands",
    help: "Wishes that wait in the inbox of a partition that this node leads; 100 stands for more.",
    labelNames: ["partition"],
    registers: [register],
    async collect() {
      const counts = await readInboxes();
      if (counts === null) return;
      this.reset();
      for (const [partition, count] of counts) this.set({ partition: String(partition) }, count);
    },
  });
  const readDead = cached(async () =>
    (await node()?.stores.actors.deadLetters(null, { limit: DEAD_LETTERS_MAX }))?.length ?? 0
  );
  new Gauge({
    name: "denizen_dead_letters",
    help: "Messages that were given up and are kept, of the whole store; 1000 stands for more.",
    registers: [register],
    async collect() {
      const count = await readDead();
      if (count !== null) this.set(count);
    },
  });
}

async function countWaiting(node: MeasuredNode | null): Promise<[number, number][]> {
  const own = node?.members().find(({ nodeId }) => nodeId === node.nodeId);
  return await Promise.all((own?.partitions ?? []).map(async (partition) => {
    const waiting = await node!.stores.runs.inbox(partition);
    return [partition, waiting.length] as [number, number];
  }));
}

function addLiveMetrics(register: Registry, live: () => LiveCounts): void {
  new Gauge({
    name: "denizen_live_clients",
    help: "Clients that listen to events; transport is sse or websocket.",
    labelNames: ["transport"],
    registers: [register],
    collect() {
      const { sse, webSocket } = live();
      this.set({ transport: "sse" }, sse);
      this.set({ transport: "websocket" }, webSocket);
    },
  });
  new Counter({
    name: "denizen_live_clients_dropped_total",
    help: "Clients that were dropped because they did not read what was sent to them.",
    registers: [register],
    collect() {
      this.reset();
      this.inc(live().dropped);
    },
  });
}

function gauge(register: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [register],
    collect() {
      this.set(read());
    },
  });
}

/** A store that does not answer is no reason to answer no metrics: then it is `null`. */
function cached<T>(read: () => Promise<T>): () => Promise<T | null> {
  let last: Promise<T | null> = Promise.resolve(null);
  let readAt = -Infinity;
  return () => {
    const now = performance.now();
    if (now - readAt >= STORE_READ_EVERY_MS) {
      readAt = now;
      last = read().catch(() => null);
    }
    return last;
  };
}
