import type { Overview } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import { formatCount, formatDuration, Time } from "../parts/mod.ts";

/** What failed most, with a run to look at. */
export function FailureTable({ failures }: { failures: Overview["failures"] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Failures">
      <table class="table">
        <thead>
          <tr>
            <th>Error</th>
            <th>Task</th>
            <th class="is-number">Count</th>
            <th class="is-tight">Last</th>
          </tr>
        </thead>
        <tbody>
          {failures.map(({ code, workflow, task, count, lastAt, runId }) => (
            <tr key={`${code} ${workflow} ${task}`}>
              <td class="mono">{code}</td>
              <td>
                {workflow} / {task}
              </td>
              <td class="is-number">{formatCount(count)}</td>
              <td class="is-tight">
                <a href={href(path`/runs/${runId}`, { task })}>
                  <Time at={lastAt} />
                </a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Tasks that took longest, slowest first. */
export function SlowestTable({ tasks }: { tasks: Overview["slowestTasks"] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Slowest tasks">
      <table class="table">
        <thead>
          <tr>
            <th>Task</th>
            <th class="is-number">Count</th>
            <th class="is-number">p50</th>
            <th class="is-number">p95</th>
            <th class="is-number">Max</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map(({ workflow, task, count, p50Ms, p95Ms, maxMs }) => (
            <tr key={`${workflow} ${task}`}>
              <td>
                <a href={href("/runs", { workflow })}>{workflow}</a> / {task}
              </td>
              <td class="is-number">{formatCount(count)}</td>
              <td class="is-number is-tight">{formatDuration(p50Ms)}</td>
              <td class="is-number is-tight">{formatDuration(p95Ms)}</td>
              <td class="is-number is-tight">{formatDuration(maxMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
