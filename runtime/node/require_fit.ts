import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterStore, Member } from "../../core/cluster_ports.ts";
import { ConflictError } from "../../core/errors.ts";
import { isGone } from "./process_identity.ts";

/** What a node must not share, and must share, with nodes that live. */
export interface JoiningNode {
  nodeId: string;
  electionTimeoutMs: number;
}

/**
 * Sees to it that a node fits into the cluster that it joins. A node that died on another machine,
 * where nobody can look, is told by its heartbeat, which stands still.
 *
 * @throws {ConflictError} `NODE_ID_TAKEN` when a living node has its name, `ELECTION_TIMEOUT_DIFFERS`
 *   when one waits for another election time-out: leases hold only if all wait for the same
 */
export async function requireFit(
  cluster: Pick<ClusterStore, "members">,
  joining: JoiningNode,
): Promise<void> {
  const before = (await cluster.members()).filter((member) =>
    refusal(member, joining) !== null && !isGone(member.holder)
  );
  if (before.length === 0) return;
  const longestMs = Math.max(joining.electionTimeoutMs, ...before.map(timeoutOf));
  await sleep(2 * longestMs);
  const now = await cluster.members();
  for (const { nodeId, boot, beat } of before) {
    const member = now.find((one) => one.nodeId === nodeId);
    const isStill = member === undefined || (member.boot === boot && member.beat === beat);
    if (!isStill) throw refusal(member, joining) ?? taken(member);
  }
}

function timeoutOf({ electionTimeoutMs }: Member): number {
  return electionTimeoutMs;
}

function refusal(member: Member, joining: JoiningNode): ConflictError | null {
  if (member.nodeId === joining.nodeId) return taken(member);
  if (member.electionTimeoutMs === joining.electionTimeoutMs) return null;
  return new ConflictError("ELECTION_TIMEOUT_DIFFERS", {
    message: `Cannot join with an election time-out of ${joining.electionTimeoutMs} ms: ` +
      `node "${member.nodeId}" has ${member.electionTimeoutMs} ms`,
    hint: "Give the same --election-timeout to all nodes; to change it, stop all of them first",
    details: { nodeId: member.nodeId, electionTimeoutMs: member.electionTimeoutMs },
  });
}

function taken({ nodeId, holder }: Member): ConflictError {
  return new ConflictError("NODE_ID_TAKEN", {
    message: `Cannot start node "${nodeId}": a node of that name lives`,
    hint: "Choose another name with --node-id",
    details: { pid: holder.pid },
  });
}
