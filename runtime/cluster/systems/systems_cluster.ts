/**
 * What actor systems need to know of the cluster, by its membership.
 *
 * @module
 */
import type { Member } from "../../../core/cluster_ports.ts";
import type { Holder } from "../../../core/ports.ts";
import type { Lease } from "../../actors/mod.ts";
import type { NodeLink } from "../link/mod.ts";
import type { Membership } from "../membership.ts";

/** What the node around it knows of its cluster. */
export interface SystemsCluster extends Lease {
  /** This node's end of the link. */
  link(): NodeLink;
  /** Nodes that live, as they were last seen, this one among them. */
  living(): readonly Member[];
  /** Whether a process is gone for certain, so that its systems may be taken. */
  isGone(holder: Holder): boolean;
}

export interface SystemsClusterOptions {
  link: () => NodeLink;
  membership: () => Pick<Membership, "members" | "isConfirmed">;
  electionTimeoutMs: number;
  /** Of processes that are no nodes of the cluster. */
  isGoneHere: (holder: Holder) => boolean;
}

/** Share of the election time-out in which a lapse may not be slept through: half of the slack. */
const LAPSE_SHARE = 0.1;

/** The view of a node that takes part by a {@linkcode Membership}. */
export function systemsClusterOf(options: SystemsClusterOptions): SystemsCluster {
  const { link, membership, electionTimeoutMs, isGoneHere } = options;
  const members = () => membership().members();
  return {
    link,
    living: () => members().filter(({ state }) => state !== "gone"),
    isGone: (holder) => {
      const member = members().find(({ nodeId }) => nodeId === holder.nodeId);
      if (member === undefined) return isGoneHere(holder);
      // A node that was started anew under its name is another one.
      return member.state === "gone" || !isSameProcess(member.holder, holder);
    },
    mayLead: () => membership().isConfirmed(),
    lapseMs: electionTimeoutMs * LAPSE_SHARE,
  };
}

export function isSameProcess(a: Holder, b: Holder): boolean {
  return a.host === b.host && a.pid === b.pid && a.processStart === b.processStart;
}
