/**
 * The cluster of a store as anybody may look at it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterStore, Member } from "../../core/cluster_ports.ts";
import { isShared } from "../../core/partitions.ts";
import type { Store, Term } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { openExistingStores, type StorePlace } from "./open_store.ts";
import { isGone } from "./process_identity.ts";

/** A node, and whether it lives. */
export interface NodeStatus {
  nodeId: string;
  /** `silent`: its heartbeat stood still while it was watched; `gone`: its process is gone. */
  state: "living" | "draining" | "silent" | "gone";
  /** Where other nodes reach it. */
  url: string | null;
  /** Partitions that it leads; none when it is gone. */
  partitions: number[];
  /** Open runs that it works on. */
  runs: number;
  version: string;
  host: string;
  pid: number;
  /** ISO 8601, by the node's own clock. */
  startedAt: string;
}

/** A partition that the nodes share. */
export interface PartitionStatus {
  partition: number;
  term: number;
  /** `null` while nobody leads it. */
  leader: string | null;
  /** Wishes that wait for the leader; 100 stands for more as well. */
  waiting: number;
}

/** What there is to see of a cluster. */
export interface ClusterStatus {
  nodes: NodeStatus[];
  partitions: PartitionStatus[];
}

/** How long a heartbeat is waited for at least, and how often it is looked at. */
const WATCH_MS = 2_500;
/** The same for slow nodes, as a share of their election time-out: more than two heartbeats. */
const WATCH_TIMEOUTS = 0.5;
const LOOK_MS = 100;

/**
 * Looks at the cluster of a place for as long as it takes to see who lives.
 *
 * @throws {InvalidInputError} `DATA_DIR_MISSING` when nothing was ever run there
 */
export async function readCluster(place: StorePlace): Promise<ClusterStatus> {
  const stores = await openExistingStores(place, {
    what: "cluster",
    hint: "Start a node with: deno task serve; or name the right folder with --data DIR",
  });
  try {
    return await readClusterOf(stores.runs, stores.cluster);
  } finally {
    await stores.close();
  }
}

async function readClusterOf(
  runs: Store<RunEvent>,
  cluster: ClusterStore,
): Promise<ClusterStatus> {
  const settings = await cluster.knownSettings();
  if (settings === null) return { nodes: [], partitions: [] };
  const watched = await watchMembers(cluster);
  const terms = new Map((await runs.terms()).map((term) => [term.partition, term]));
  const nodes = watched.map((one) => toStatus(one, [...terms.values()]));
  const partitions = await Promise.all(
    Array.from({ length: settings.partitions }, async (_, partition) => {
      const { term = 0, holder = null } = terms.get(partition) ?? {};
      const waiting = (await runs.inbox(partition)).length;
      return { partition, term, leader: holder?.nodeId ?? null, waiting };
    }),
  );
  return { nodes, partitions };
}

/** Whether some node lives on these stores. */
export async function isServed(cluster: ClusterStore): Promise<boolean> {
  if (await cluster.knownSettings() === null) return false;
  const watched = await watchMembers(cluster, (states) => states.some(isLiving));
  return watched.some(({ state }) => isLiving(state));
}

/** Where a node that lives on these stores is reached; `null` when none does. */
export async function findNodeUrl(cluster: ClusterStore): Promise<string | null> {
  if (await cluster.knownSettings() === null) return null;
  const watched = await watchMembers(cluster, (states) => states.some(isLiving));
  return watched.find(({ state, member }) => state === "living" && member.url !== null)?.member
    .url ?? null;
}

function isLiving(state: NodeStatus["state"] | null): boolean {
  return state === "living" || state === "draining";
}

interface Watched {
  member: Member;
  state: NodeStatus["state"];
}

/** Members with their states, once all are known, or `isEnough`, or the time is up. */
async function watchMembers(
  cluster: ClusterStore,
  isEnough: (states: (NodeStatus["state"] | null)[]) => boolean = () => false,
): Promise<Watched[]> {
  const first = new Map((await cluster.members()).map((member) => [member.nodeId, member]));
  const slowest = Math.max(0, ...[...first.values()].map((member) => member.electionTimeoutMs));
  const until = performance.now() + Math.max(WATCH_MS, slowest * WATCH_TIMEOUTS);
  for (;;) {
    const members = await cluster.members();
    const states = members.map((member) => stateOf(member, first.get(member.nodeId)));
    const isKnown = states.every((state) => state !== null) || isEnough(states);
    if (isKnown || performance.now() > until) {
      return members.map((member, at) => ({ member, state: states[at] ?? "silent" }));
    }
    await sleep(LOOK_MS);
  }
}

/** `null` as long as nothing tells. */
function stateOf(now: Member, before: Member | undefined): NodeStatus["state"] | null {
  if (before === undefined || before.boot !== now.boot || before.beat !== now.beat) {
    return now.status === "draining" ? "draining" : "living";
  }
  return isGone(now.holder) ? "gone" : null;
}

function toStatus({ member, state }: Watched, terms: readonly Term[]): NodeStatus {
  const { nodeId, url, version, holder, startedAt } = member;
  const partitions = terms
    .filter((term) => isShared(term.partition) && term.holder?.nodeId === nodeId)
    .map(({ partition }) => partition);
  return {
    nodeId,
    state,
    url,
    // What a dead node said last of itself is true no more.
    partitions: state === "gone" ? [] : partitions,
    runs: state === "gone" ? 0 : member.runs,
    version,
    host: holder.host.split("/")[0]!,
    pid: holder.pid,
    startedAt: new Date(startedAt).toISOString(),
  };
}
