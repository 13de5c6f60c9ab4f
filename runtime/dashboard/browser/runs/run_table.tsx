import type { TaskCounts } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import { Duration, formatCount, StatusBadge, Time } from "../parts/mod.ts";
import type { RunRow } from "./run_rows.ts";

/** Runs as lines, with boxes to pick some. */
export function RunTable(
  { rows, picked, onPick }: {
    rows: readonly RunRow[];
    picked: ReadonlySet<string>;
    onPick: (picked: ReadonlySet<string>) => void;
  },
) {
  // The list holds no counts: they are known of runs that changed while the page looked on.
  const hasTasks = rows.some(({ tasks }) => tasks !== undefined && tasks !== null);
  const areAllPicked = rows.every(({ runId }) => picked.has(runId));
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Runs">
      <table class="table run-table">
        <thead>
          <tr>
            <th class="is-tight">
              <input
                class="pick"
                type="checkbox"
                aria-label="Pick all runs of this list"
                checked={areAllPicked}
                onChange={() =>
                  onPick(areAllPicked ? new Set() : new Set(rows.map(({ runId }) => runId)))}
              />
            </th>
            <th class="is-tight">Status</th>
            <th>Run</th>
            {hasTasks && <th class="is-lesser">Tasks</th>}
            <th class="is-lesser">Tags</th>
            <th class="is-tight">Started</th>
            <th class="is-number is-tight">Duration</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <RunLine
              key={row.runId}
              row={row}
              hasTasks={hasTasks}
              isPicked={picked.has(row.runId)}
              onPick={() => onPick(toggled(picked, row.runId))}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function toggled(picked: ReadonlySet<string>, runId: string): ReadonlySet<string> {
  return picked.symmetricDifference(new Set([runId]));
}

function RunLine(
  { row, hasTasks, isPicked, onPick }: {
    row: RunRow;
    hasTasks: boolean;
    isPicked: boolean;
    onPick: () => void;
  },
) {
  return (
    <tr>
      <td>
        <input
          class="pick"
          type="checkbox"
          aria-label={`Pick run ${row.runId}`}
          checked={isPicked}
          onChange={onPick}
        />
      </td>
      <td>
        <StatusBadge status={row.status} />
        {row.isOrphan && (
          <div class="small muted" title="Its process is gone: resume it">orphaned</div>
        )}
      </td>
      <td>
        <a class="run-link" href={href(path`/runs/${row.runId}`)}>{row.workflow}</a>
        {row.version !== null && <span class="muted small">{` ${row.version}`}</span>}
        <div class="mono small muted run-line-id">{row.runId}</div>
      </td>
      {hasTasks && (
        <td class="is-lesser">
          <Progress tasks={row.tasks} status={row.status} />
        </td>
      )}
      <td class="is-lesser">
        <span class="row">
          {row.tags.map((tag) => <span key={tag} class="chip">{tag}</span>)}
          {row.tenant !== null && <span class="chip" title="Tenant">@{row.tenant}</span>}
        </span>
      </td>
      <td class="is-tight">
        <Time at={row.startedAt} />
      </td>
      <td class="is-number is-tight">
        <Duration from={row.startedAt} to={row.finishedAt} />
      </td>
    </tr>
  );
}

function Progress(
  { tasks, status }: { tasks: TaskCounts | null | undefined; status: string },
) {
  if (tasks === null || tasks === undefined) return null;
  const { total, completed, failed, dropped } = tasks;
  const ended = completed + failed + dropped;
  return (
    <div class="run-progress">
      <span class="number small">
        {formatCount(ended)}
        {total !== null && ` of ${formatCount(total)}`}
        {failed > 0 && <span class="field-error">{` ${formatCount(failed)} failed`}</span>}
      </span>
      {total !== null && total > 0 && (
        <div class="meter" data-status={status} aria-hidden="true">
          <span style={{ width: `${(100 * ended) / total}%` }} />
        </div>
      )}
    </div>
  );
}
