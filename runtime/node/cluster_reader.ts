/**
 * The cluster of a store as anybody may look at it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterStore, Member } from "../../core/cluster_ports.ts";
import type { Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import {
  type NodeStatus,
  nodeStatus,
  type PartitionStatus,
  readPartitions,
} from "./cluster_status.ts";
import { openExistingStores, type StorePlace } from "./open_store.ts";
import { isGone } from "./process_identity.ts";

/** `silent`: its heartbeat stood still while it was watched; `gone`: its process is gone. */
export type SeenState = "living" | "draining" | "silent" | "gone";

/** What there is to see of a cluster. */
export interface ClusterStatus {
  nodes: NodeStatus<SeenState>[];
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
  if (await cluster.knownSettings() === null) return { nodes: [], partitions: [] };
  const watched = await watchMembers(cluster);
  const partitions = await readPartitions({ runs, cluster }, await runs.terms());
  return { nodes: watched.map((one) => nodeStatus(one.member, one.state, partitions)), partitions };
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

function isLiving(state: SeenState | null): boolean {
  return state === "living" || state === "draining";
}

interface Watched {
  member: Member;
  state: SeenState;
}

/** Members with their states, once all are known, or `isEnough`, or the time is up. */
async function watchMembers(
  cluster: ClusterStore,
  isEnough: (states: (SeenState | null)[]) => boolean = () => false,
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
function stateOf(now: Member, before: Member | undefined): SeenState | null {
  if (before === undefined || before.boot !== now.boot || before.beat !== now.beat) {
    return now.status === "draining" ? "draining" : "living";
  }
  return isGone(now.holder) ? "gone" : null;
}
