import type { AssignmentRecord, TaskAssignment } from "../../api/mod.ts";
import { href, path } from "../../navigation/mod.ts";
import { Duration, formatPlural, formatShare, Time } from "../../parts/mod.ts";
import { adviceFor, exclusionText, wayText } from "./assignment_words.ts";
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
      <strong>{firstSentence(text)}</strong>
      <ul class="assignment-advice">
        {adviceFor(why).map((advice) => <li key={advice}>{advice}</li>)}
      </ul>
      <span class="small muted">
        It has waited for <Duration from={at} to={null} />, and fails <Time at={giveUpAt} />{" "}
        if nobody can by then.
      </span>
      {why.code === "NOBODY_CAN" && why.askAgainAt !== undefined && (
        <span class="small">
          One is tried again <Time at={why.askAgainAt} />.
        </span>
      )}
      <Excluded excluded={why.excluded} />
    </div>
  );
}

/** The cause: the other sentences are for the command line, and are told here in lists. */
function firstSentence(text: string): string {
  return /^.*?\.(?= [A-Z0-9])/.exec(text)?.[0] ?? text;
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

/** Registered ones are named with their version, and have a page on which they can be checked again. */
function AgentName({ agent }: { agent: string }) {
  const [, name, version] = /^([^@]+)@([^@]+)$/.exec(agent) ?? [];
  if (name === undefined || version === undefined) return <>{agent}</>;
  return <a href={href(path`/agents/${name}/${version}`)}>{agent}</a>;
}

function Excluded({ excluded }: { excluded: NonNullable<AssignmentRecord["excluded"]> }) {
  if (excluded.length === 0) return null;
  return (
    <div>
      <h4 class="small muted">Did not come into question</h4>
      <ul class="stack small">
        {excluded.map(({ code, count, agents, reason }) => (
          <li key={`${code} ${reason}`} class="breaks">
            {agents.map((agent, at) => (
              <>
                {at > 0 && ", "}
                <AgentName agent={agent} />
              </>
            ))}
            {count > agents.length && ` and ${formatPlural(count - agents.length, "other")}`}
            {`: ${exclusionText(code)}${reason === undefined ? "" : ` (${reason})`}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
