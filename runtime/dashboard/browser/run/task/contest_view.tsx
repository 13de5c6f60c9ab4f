import type { TaskAssignment } from "../../api/mod.ts";
import { formatPlural } from "../../parts/mod.ts";
import { StatusShape } from "../graph/mod.ts";
import { ErrorNotice, Value } from "./task_sections.tsx";

type Contest = NonNullable<TaskAssignment["contest"]>;
type Contender = Contest["contenders"][number];

/** What a contest is called, and what its last one does. */
const NAMES = {
  vote: { title: "Vote", judge: "settles it" },
  judge: { title: "Judgement", judge: "judges" },
  merge: { title: "Merge", judge: "merges" },
} as const;

/** The name of the part of the panel that shows it. */
export function contestTitle({ way }: Contest): string {
  return NAMES[way].title;
}

/** Who did the work beside whom, what each brought, and what settled it. */
export function ContestView({ contest }: { contest: Contest }) {
  const { contenders, votes, way, isSettled } = contest;
  const emptyHanded = withoutResult(contenders);
  return (
    <div class="stack assignment">
      <p>{contest.text}</p>
      {votes !== null && votes.length > 0 && <p class="small muted">{votesText(votes)}</p>}
      {isSettled && emptyHanded !== "" && <p class="small">{emptyHanded}</p>}
      <ol class="candidates">
        {contenders.map((contender) => (
          <li key={contender.contender} data-chosen={contender.isWinner || undefined}>
            <ContenderView contender={contender} duty={NAMES[way].judge} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function ContenderView({ contender, duty }: { contender: Contender; duty: string }) {
  const { agent, status, isWinner, role, text, output, error } = contender;
  return (
    <>
      <span class="row">
        <StatusShape status={status} size={14} />
        <strong class="breaks">{agent ?? "nobody yet"}</strong>
        <span>{status}</span>
        {role === "judge" && <span class="chip">{duty}</span>}
        {isWinner && <span class="chip">its result counts</span>}
      </span>
      {text !== null && <span class="small muted breaks">{text}</span>}
      {error !== null && <ErrorNotice error={error} />}
      {output !== null && (
        <details class="small">
          <summary>Its result</summary>
          <Value shown={output} label={`result of ${agent}`} />
        </details>
      )}
    </>
  );
}

/** Who took part and brought nothing: the votes do not tell. */
function withoutResult(contenders: readonly Contender[]): string {
  const named = (status: Contender["status"]) =>
    contenders.filter((one) => one.role === "contender" && one.status === status)
      .map(({ agent }) => agent ?? "one without an agent").join(", ");
  const failed = named("failed");
  const stopped = named("cancelled");
  return [
    failed === "" ? "" : `No result of ${failed}, which failed.`,
    stopped === "" ? "" : `No result of ${stopped}, which nobody waited for.`,
  ].filter((text) => text !== "").join(" ");
}

/** `Votes by result: 2, 1`. */
function votesText(votes: readonly number[]): string {
  return votes.length === 1
    ? `${formatPlural(votes[0]!, "vote")}, all for the same result`
    : `Votes by result: ${votes.join(", ")}`;
}
