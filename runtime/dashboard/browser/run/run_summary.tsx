import type { TaskStatus } from "../../../../workflows/mod.ts";
import { API, queryText } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import {
  CopyButton,
  Duration,
  formatBytes,
  formatCount,
  Icon,
  LiveMark,
  Time,
} from "../parts/mod.ts";
import type { RunFeed } from "./feed/mod.ts";
import { StatusShape } from "./graph/mod.ts";
import type { LiveRun } from "./live/mod.ts";
import { findFiles, isFileName, JsonTree } from "./task/mod.ts";
import { countByStatus } from "./tasks/mod.ts";

const ORDER: readonly TaskStatus[] = [
  "completed",
  "failed",
  "running",
  "waiting",
  "pending",
  "skipped",
  "cancelled",
];

/** A run that is changed in place: `version` tells that it has. */
interface Shown {
  feed: RunFeed;
  run: LiveRun;
  version: number;
}

/** Id, times and how far the run has come, in one line. */
export function RunSummaryLine({ feed, run }: Shown) {
  const detail = feed.detail.value!;
  const stream = feed.stream.value;
  const iso = (at: number | null) => at === null ? null : new Date(at).toISOString();
  return (
    <div class="run-line">
      <span class="run-id">
        <code>{run.runId}</code>
        <CopyButton text={run.runId} label="Copy the run's id" />
      </span>
      {run.startedAt !== null && (
        <span>
          Started <Time at={run.startedAt} />
        </span>
      )}
      {run.startedAt !== null && (
        <span>
          {run.finishedAt === null ? "Running for " : "Took "}
          <Duration from={iso(run.startedAt)} to={iso(run.finishedAt)} />
        </span>
      )}
      {detail.submittedBy !== undefined && <span>By {detail.submittedBy}</span>}
      {detail.leader !== null && <span>On {detail.leader}</span>}
      {detail.parent !== undefined && (
        <span>
          Fork of <a href={href(path`/runs/${detail.parent}`)}>{detail.parent.slice(-8)}</a>
        </span>
      )}
      {detail.tags.map((tag) => <span key={tag} class="chip">{tag}</span>)}
      {stream !== "ended" && <LiveMark state={stream} />}
    </div>
  );
}

/** Tasks by status: a bar, and the same in words. */
export function RunProgress({ run }: Pick<Shown, "run" | "version">) {
  const counts = countByStatus(run);
  const total = Math.max(1, run.tasks.length);
  const shown = ORDER.filter((status) => counts.has(status));
  return (
    <div class="run-tally">
      <span class="item-bar is-tall" aria-hidden="true">
        {shown.filter((status) => status !== "pending").map((status) => (
          <span
            key={status}
            data-status={status}
            style={{ width: `${counts.get(status)! / total * 100}%` }}
          />
        ))}
      </span>
      <ul class="row" aria-label="Tasks by status">
        {shown.map((status) => (
          <li key={status} class="item-count" data-status={status}>
            <StatusShape status={status} size={14} />
            <span class="number">{formatCount(counts.get(status)!)}</span> {status}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Files that the output names, to be opened in a window of their own. */
export function RunFiles({ feed, run }: Shown) {
  const files = findFiles(run.output);
  if (files.length === 0) return null;
  return (
    <div class="run-files" role="group" aria-label="Files of this run">
      {files.map((file, at) => (
        <a
          key={file}
          class={`button ${at === 0 ? "is-primary" : ""}`}
          href={fileUrl(feed, file)}
          target="_blank"
          rel="noreferrer"
          title={file}
        >
          <Icon name="audit" />
          {file.slice(file.lastIndexOf("/") + 1)}
        </a>
      ))}
    </div>
  );
}

function fileUrl(feed: RunFeed, file: string): string {
  return `${API}${feed.path}/files${queryText({ path: file })}`;
}

/** What went in and what came out. */
export function RunValues({ feed, run }: Shown) {
  const sizes = feed.detail.value?.truncated ?? {};
  const linkOf = (text: string) => isFileName(text) ? fileUrl(feed, text) : null;
  const tooLarge = (name: string) =>
    sizes[name] === undefined
      ? null
      : <p class="muted">{`Too large to show: ${formatBytes(sizes[name])} of JSON`}</p>;
  return (
    <div class="columns">
      <section class="stack">
        <h2>Input</h2>
        {tooLarge("input") ?? <JsonTree value={run.input} label="input" />}
      </section>
      <section class="stack">
        <h2>Output</h2>
        {tooLarge("output") ??
          (run.output === null
            ? <p class="muted">{run.finishedAt === null ? "Not yet" : "None"}</p>
            : <JsonTree value={run.output} label="output" linkOf={linkOf} />)}
      </section>
    </div>
  );
}
