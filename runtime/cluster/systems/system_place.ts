/**
 * Which node should lead an actor system.
 *
 * @module
 */
import { createHash } from "node:crypto";

/**
 * Nodes in the order in which they should lead a system: rendezvous hashing (D. Thaler and
 * C. Ravishankar, Using Name-Based Mappings to Increase Hit Rates, 1998). Systems spread evenly, and
 * when a node goes only its own systems get another first one.
 */
export function rankNodes(system: string, nodeIds: readonly string[]): string[] {
  const weights = new Map(nodeIds.map((nodeId) => [nodeId, weigh(system, nodeId)]));
  return [...weights.keys()].sort((a, b) => weights.get(a)! < weights.get(b)! ? 1 : -1);
}

/** Hexadecimal text of fixed length sorts as the number that it is. */
function weigh(system: string, nodeId: string): string {
  return createHash("sha256").update(JSON.stringify([system, nodeId])).digest("hex");
}
