import type { CandidateFigures } from "../../api/mod.ts";
import {
  formatCost,
  formatCount,
  formatDuration,
  formatPlural,
  formatShare,
  IntervalBar,
} from "../../parts/mod.ts";

/** The candidates beside each other, the chosen one first. */
export function CandidateList(
  { candidates, considered }: { candidates: readonly CandidateFigures[]; considered: number },
) {
  const others = considered - candidates.length;
  return (
    <div>
      <h4 class="small muted">Candidates: expected success, with its 90 % interval</h4>
      <ol class="candidates">
        {candidates.map((candidate, at) => (
          <li key={candidate.agent} data-chosen={at === 0 || undefined}>
            <span class="row">
              <strong class="breaks">{candidate.agent}</strong>
              {at === 0 && <span class="chip">chosen</span>}
            </span>
            <IntervalBar {...candidate} />
            <span class="small muted">{figuresText(candidate)}</span>
          </li>
        ))}
      </ol>
      {others > 0 && (
        <p class="small muted">
          {`${formatCount(others)} ${others === 1 ? "other was" : "others were"} compared.`}
        </p>
      )}
    </div>
  );
}

function figuresText({ tasks, latencyMs, costUsd, load, score }: CandidateFigures): string {
  const whole = Math.round(tasks);
  return [
    whole === 0 ? "new at this" : `rests on ${formatPlural(whole, "outcome")}`,
    latencyMs === null ? "time unknown" : `takes ${formatDuration(latencyMs)}`,
    `costs ${formatCost(costUsd)}`,
    `load ${formatShare(load)}`,
    `score ${score}`,
  ].join(", ");
}
