import { monotonicFactory } from "ulid";

/** A name for a node that nobody gave one. */
export function drawNodeName(): string {
  return `node-${monotonicFactory()().toLowerCase().slice(-8)}`;
}
