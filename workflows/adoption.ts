/**
 * What a node does about the attempts that it finds in flight when it takes over a run.
 *
 * @module
 */
import type { WantedAttempt } from "./wanted.ts";
import type { AttemptPlace } from "./wishes.ts";

/** Nodes are named as in the journal: `name/boot`. */
export interface AdoptionView {
  /** The node that takes over. */
  own: string;
  /** Nodes that live, the own one included. */
  alive: ReadonlySet<string>;
  /** Whether the own cells still have the attempt, or its answer is on its way to the inbox. */
  has: (attempt: AttemptPlace) => boolean;
}

/** Attempts of one run, by what is to be done about them. */
export interface Adoption {
  /** They go on; each living node is asked for its own, and says which it does not have. */
  ask: Map<string, AttemptPlace[]>;
  /** Their node was taken for dead: should it come back, it is to end them. */
  cancel: Map<string, AttemptPlace[]>;
  /** They should be here and are not. */
  lose: AttemptPlace[];
}

/**
 * Sorts the attempts that a journal leaves in flight. `RecoverRun` with the same `alive` loses those
 * of nodes that are gone, and those that name no node.
 */
export function planAdoption(
  wanted: readonly WantedAttempt[],
  { own, alive, has }: AdoptionView,
): Adoption {
  const adoption: Adoption = { ask: new Map(), cancel: new Map(), lose: [] };
  for (const { task, index, attempt, node } of wanted) {
    if (node === null) continue;
    const place = { task, index, attempt };
    if (node === own) {
      if (!has(place)) adoption.lose.push(place);
      continue;
    }
    const group = alive.has(node) ? adoption.ask : adoption.cancel;
    const places = group.get(node);
    if (places === undefined) group.set(node, [place]);
    else places.push(place);
  }
  return adoption;
}

/** A note from the leader of a partition to a node that has, or had, attempts of its runs. */
export interface AttemptLetter {
  /** `adopt`: say which of these you do not have. `cancel`: end them. */
  type: "adopt" | "cancel";
  /** Node that it is for, as `name/boot`: a later boot passes over it. */
  node: string;
  partition: number;
  /** Term of the leader that wrote it. */
  term: number;
  runs: { runId: string; attempts: AttemptPlace[] }[];
}
