import type { AssignmentRecord, TaskAssignment } from "../../api/mod.ts";
import { href } from "../../navigation/mod.ts";
import { formatShare, Time } from "../../parts/mod.ts";
import { adviceFor, exclusionText, namesOf, wayText } from "./assignment_words.ts";
import { BidTable } from "./bid_table.tsx";
import { CandidateList } from "./candidate_list.tsx";

/** What the view answers. */
export function titleOf({ agent, deferred, reused }: TaskAssignment): string {
  if (deferred !== null) return "Why nobody";
  return agent === null && reused !== null ? "Where the result is from" : "Why this agent";
}

/** Why this agent, or why nobody: in words first, then the figures that decided. */
export function AssignmentView({ assignment }: { assignment: TaskAssignment }) {
  const { agent, text, record, deferred, auction, reused } = assignment;
  return (
    <div class="stack assignment">
      {deferred === null && <p>{text}</p>}
      {deferred !== null && <Deferral deferred={deferred} />}
      {reused !== null && <Reuse reused={reused} />}
      {record !== null && <Figures record={record} />}
      {auction !== null && <BidTable auction={auction} winner={agent} />}
    </div>
  );
}

function Deferral({ deferred }: { deferred: NonNullable<TaskAssignment["deferred"]> }) {
  const { text, why, at, giveUpAt } = deferred;
  return (
    <div class="notice is-warning">
      <strong>{text}</strong>
      <ul class="assignment-advice">
        {adviceFor(why).map((advice) => <li key={advice}>{advice}</li>)}
      </ul>
      <span class="small muted">
        It waits since <Time at={at} />, and fails <Time at={giveUpAt} /> if nobody can by then.
      </span>
      <Excluded excluded={why.excluded} />
    </div>
  );
}

function Reuse({ reused }: { reused: NonNullable<TaskAssignment["reused"]> }) {
  const { runId, task, index, agent, madeAt, similarity } = reused;
  const taskId = index === undefined ? task : `${task}[${index}]`;
  return (
    <dl class="facts">
      <dt>Made by</dt>
      <dd>
        {agent}, <Time at={madeAt} />
      </dd>
      <dt>In</dt>
      <dd>
        <a href={href(`/runs/${runId}`, { task: taskId })}>{taskId}</a>
      </dd>
      <dt>Alike</dt>
      <dd>{similarity >= 1 ? "the same input" : formatShare(similarity)}</dd>
    </dl>
  );
}

function Figures({ record }: { record: AssignmentRecord }) {
  const { way, capability, as, candidates, considered, excluded = [], text } = record;
  return (
    <>
      <p class="small muted">
        {`Asked for `}
        <code>{capability}</code>
        {as !== undefined && (
          <>
            {`, which it does as `}
            <code>{as}</code>
          </>
        )}
        {`; chosen ${way === "only" ? "because " : ""}${wayText(way)}.`}
      </p>
      {candidates.length > 0 && <CandidateList candidates={candidates} considered={considered} />}
      <Excluded excluded={excluded} />
      {text !== "" && (
        <details class="small">
          <summary>Words by which earlier tasks are alike</summary>
          <p class="breaks">{text}</p>
        </details>
      )}
    </>
  );
}

function Excluded({ excluded }: { excluded: NonNullable<AssignmentRecord["excluded"]> }) {
  if (excluded.length === 0) return null;
  return (
    <div>
      <h4 class="small muted">Did not come into question</h4>
      <ul class="stack small">
        {excluded.map(({ code, count, agents }) => (
          <li key={code} class="breaks">
            {`${namesOf(agents, count)}: ${exclusionText(code)}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
