import type { Member } from "../../core/cluster_ports.ts";
import type { ClusterMember } from "./leading.ts";

/** Notes who is gone, and for how long, by the watcher's own clock. */
export class GoneMembers {
  readonly #goneSince = new Map<string, number>();
  readonly #keptMs: number;

  /** @param keptMs how long a node that is gone stays on the list */
  constructor(keptMs: number) {
    this.#keptMs = keptMs;
  }

  /** Nodes that have been gone for too long to be kept, as `members` shows them at `now`. */
  due(members: readonly ClusterMember[], now: number): Pick<Member, "nodeId" | "boot">[] {
    const gone = members.filter(({ state }) => state === "gone");
    const keys = new Set(gone.map(keyOf));
    for (const key of this.#goneSince.keys()) if (!keys.has(key)) this.#goneSince.delete(key);
    for (const key of keys) if (!this.#goneSince.has(key)) this.#goneSince.set(key, now);
    return gone.filter((member) => now - this.#goneSince.get(keyOf(member))! >= this.#keptMs);
  }
}

function keyOf({ nodeId, boot }: Pick<Member, "nodeId" | "boot">): string {
  return `${nodeId}/${boot}`;
}
