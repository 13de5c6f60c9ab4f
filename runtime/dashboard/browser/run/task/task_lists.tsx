import type { TaskDetail } from "../../api/mod.ts";
import { Duration, formatCount, Time } from "../../parts/mod.ts";
import { StatusShape } from "../graph/mod.ts";
import { JsonTree } from "./json_tree.tsx";

/** Attempts end in ways that tasks do not. */
const SHAPES = { lost: "cancelled", repeated: "completed" } as const;

type Attempt = TaskDetail["attempts"][number];

/** Each attempt, newest first, with its error. */
export function AttemptList({ detail }: { detail: TaskDetail }) {
  const { attempts, attemptsTotal } = detail;
  if (attempts.length === 0) return <p class="muted">None yet</p>;
  return (
    <>
      <Shown count={attempts.length} total={attemptsTotal} />
      <ol class="attempts" reversed>
        {attempts.toReversed().map((attempt) => (
          <li
            key={`${attempt.index}.${attempt.round}.${attempt.contender}.${attempt.attempt}`}
            data-status={attempt.status}
          >
            <AttemptHead attempt={attempt} />
            {attempt.assignment !== null && <p class="attempt-why">{attempt.assignment.text}</p>}
            {attempt.error !== null && (
              <p class="attempt-error">
                <code>{attempt.error.code}</code> {attempt.error.message}
                {attempt.error.hint !== undefined && (
                  <span class="muted">{` ${attempt.error.hint}`}</span>
                )}
              </p>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function AttemptHead({ attempt }: { attempt: Attempt }) {
  const { status, index } = attempt;
  const shape = status === "lost" || status === "repeated" ? SHAPES[status] : status;
  return (
    <span class="row">
      <StatusShape status={shape} size={14} />
      <strong>{`${index === undefined ? "" : `[${index}] `}#${attempt.attempt}`}</strong>
      {attempt.contender !== undefined && (
        <span class="muted">{contenderName(attempt.contender, attempt.round)}</span>
      )}
      <span>{status}</span>
      <span class="chip">{attempt.agent}</span>
      <span class="muted small">
        <Time at={attempt.startedAt} />,{" "}
        <Duration from={attempt.startedAt} to={attempt.finishedAt} />
        {attempt.node !== null && ` on ${attempt.node}`}
      </span>
    </span>
  );
}

/** A contest that was held again, after a retry of the run, has contenders of the same numbers. */
function contenderName(contender: number, round = 1): string {
  return `contender ${contender + 1}${round === 1 ? "" : ` of round ${round}`}`;
}

/** Steps that agents finished, with what they returned. */
export function StepList({ detail }: { detail: TaskDetail }) {
  return (
    <>
      <Shown count={detail.steps.length} total={detail.stepsTotal} />
      <ul class="stack">
        {detail.steps.map(({ stepId, index, output, at }) => (
          <li key={`${index}.${stepId}.${at}`}>
            <span class="row">
              <strong>{`${index === undefined ? "" : `[${index}] `}${stepId}`}</strong>
              <span class="muted small">
                <Time at={at} />
              </span>
            </span>
            {output.truncated
              ? <p class="muted">Too large to show</p>
              : <JsonTree value={output.value} label={`output of step ${stepId}`} />}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What was asked for and not granted. */
export function DenialList({ detail }: { detail: TaskDetail }) {
  return (
    <>
      <Shown count={detail.denials.length} total={detail.denialsTotal} />
      <ul class="stack">
        {detail.denials.map(({ permission, value, attempt, index, at, among }) => (
          <li key={`${permission}${value}${at}`}>
            <code>{`${permission}${value === null ? "" : ` ${value}`}`}</code>
            <span class="muted small">
              {` ${index === undefined ? "" : `[${index}] `}attempt ${attempt}`}
              {among !== undefined && `, one of ${among} in the same worker`}, <Time at={at} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Shown({ count, total }: { count: number; total: number }) {
  if (count === total) return null;
  return <p class="muted small">{`The last ${formatCount(count)} of ${formatCount(total)}`}</p>;
}
