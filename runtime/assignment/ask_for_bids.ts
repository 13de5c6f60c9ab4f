import type { Bid } from "../../core/assignment.ts";
import { inputOf, taskOf, type WantedAuction } from "../../workflows/mod.ts";
import type { AuditLog } from "../audit/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { type ActiveRun, keyOfAgent } from "../scheduler/mod.ts";

/** What asking needs of the node. */
export interface BidSources {
  cells: Pick<Cells, "bid">;
  audit: AuditLog | null;
}

/**
 * Asks agents for bids, all at once. An agent without a `bid` of its own offers its declared price and
 * promises nothing; what is no bid is on the audit log and does not count.
 *
 * @returns what came in time, in the order in which agents were asked
 */
export async function askForBids(
  run: ActiveRun,
  auction: WantedAuction,
  sources: BidSources,
  now: number,
): Promise<Bid[]> {
  const timeoutMs = Math.max(1, auction.closesAt - now);
  const task = taskOf(run.state, auction.task);
  const request = {
    input: inputOf(run.state, task, auction.index),
    runId: run.state.runId,
    taskId: auction.task,
    index: auction.index,
    timeoutMs,
  };
  const bids = await Promise.all(auction.agents.map(async (agent): Promise<Bid | null> => {
    const agentKey = keyOfAgent(run, agent);
    const offer = run.market?.offerOf(agent, auction.capability) ?? null;
    if (agentKey === undefined || offer === null) return null;
    const { capability, costUsd, bids } = offer;
    if (!bids) return { agent, costUsd, success: null, latencyMs: null };
    const answer = await sources.cells.bid(agentKey, { ...request, capability });
    if (answer.status === "bid") return { agent, ...answer.bid };
    if (answer.status === "none") return null;
    sources.audit?.record({
      kind: "refusal",
      from: `run:${run.state.runId}/${auction.task}`,
      to: agent,
      code: answer.code,
      message: `Refused the bid of agent "${agent}": ${answer.message}`,
    });
    return null;
  }));
  return bids.filter((bid) => bid !== null);
}
