import type { TaskAssignment } from "../../api/mod.ts";
import { formatCost, formatDuration, formatShare, Time } from "../../parts/mod.ts";

/** What was bid in an auction, best first. */
export function BidTable(
  { auction, winner }: {
    auction: NonNullable<TaskAssignment["auction"]>;
    winner: string | null;
  },
) {
  const { agents, bids, closesAt } = auction;
  if (bids === null) {
    return (
      <p class="small">
        {`Asked for bids: ${agents.join(", ")}. They count until `}
        <Time at={closesAt} />.
      </p>
    );
  }
  if (bids.length === 0) return <p class="small">Nobody bid.</p>;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Bids">
      <table class="table small">
        <thead>
          <tr>
            <th>Bid of</th>
            <th class="is-number">Price</th>
            <th class="is-number">Success</th>
            <th class="is-number">Time</th>
          </tr>
        </thead>
        <tbody>
          {bids.map(({ agent, costUsd, success, latencyMs }) => (
            <tr key={agent}>
              <td class="breaks">
                {agent}
                {agent === winner && <span class="chip node-self">got it</span>}
              </td>
              <td class="is-number">{formatCost(costUsd)}</td>
              <td class="is-number">{success === null ? "–" : formatShare(success)}</td>
              <td class="is-number">{latencyMs === null ? "–" : formatDuration(latencyMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
