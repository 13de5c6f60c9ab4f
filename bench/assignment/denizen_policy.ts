import { decideAssignment, Evidence, type Preference } from "../../actors/assignment/mod.ts";
import type { CapabilityTree } from "../../actors/knowledge/mod.ts";
import { agentIdOf, type AttemptFact, type Bid } from "../../core/assignment.ts";
import type { Candidate, Choice, Ended, Policy } from "./policy.ts";
import type { Ask } from "./world.ts";

const WORKFLOW = "bench";
/** Worlds begin at nought; the policy is used to instants of today. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/** Denizen's own: what a node asks and tells `actors/assignment`, and nothing else. */
export class DenizenPolicy implements Policy {
  readonly #evidence: Evidence;
  readonly #seed: number;
  readonly #prefer: Preference;
  readonly #bids = new Map<string, Bid>();

  constructor(o: { tree: CapabilityTree; seed: number; prefer: Preference }) {
    this.#evidence = new Evidence({
      kin: (capability) => o.tree.kin(capability).filter(({ distance }) => distance > 0),
    });
    this.#seed = o.seed;
    this.#prefer = o.prefer;
  }

  choose(task: Ask, candidates: readonly Candidate[], now: number): Choice {
    const withBids = candidates.map((each) => ({ ...toCandidate(each), bid: bidOf(each) }));
    const isAuction = withBids.some(({ bid }) => bid !== undefined);
    const { chosen, why } = decideAssignment({
      capability: task.capability,
      text: task.text,
      at: EPOCH_MS + now,
      waitedMs: now - task.at,
      seed: `${this.#seed}/${task.id}`,
      prefer: this.#prefer,
      candidates: withBids,
      ...(isAuction ? { auction: {} } : {}),
    }, this.#evidence);
    if (chosen === null) {
      const askAgainAt = why?.askAgainAt === undefined ? undefined : why.askAgainAt - EPOCH_MS;
      const isBusy = why?.code === "ALL_BUSY" || why?.code === "BEST_BUSY";
      return { agent: null, waitFor: why?.agent, askAgainAt, isBusy };
    }
    if (chosen.bid !== undefined) this.#bids.set(task.id, chosen.bid);
    return { agent: chosen.agent };
  }

  learn(ended: Ended): void {
    this.#evidence.add(this.#toFact(ended));
  }

  #toFact({ task, agent, startedAt, endedAt, isSuccess, costUsd }: Ended): AttemptFact {
    const bid = this.#bids.get(task.id) ?? null;
    this.#bids.delete(task.id);
    return {
      runId: task.id,
      task: "task",
      index: 0,
      attempt: 1,
      workflow: WORKFLOW,
      tenant: null,
      agent: agentIdOf(null, WORKFLOW, agent),
      capability: task.capability,
      codeHash: null,
      text: task.text,
      inputHash: null,
      startedAt: EPOCH_MS + startedAt,
      finishedAt: EPOCH_MS + endedAt,
      outcome: isSuccess ? "completed" : "failed",
      code: isSuccess ? null : "FAILED",
      costUsd,
      output: null,
      bid,
    };
  }
}

function toCandidate({ agent, inFlight }: Candidate) {
  return {
    agent: agent.name,
    id: agentIdOf(null, WORKFLOW, agent.name),
    costUsd: agent.costUsd,
    load: inFlight / agent.concurrency,
    places: agent.concurrency,
    free: agent.concurrency - inFlight,
  };
}

function bidOf({ agent }: Candidate): Bid | undefined {
  if (agent.claim === undefined) return undefined;
  return { agent: agent.name, costUsd: agent.costUsd, success: agent.claim, latencyMs: null };
}
