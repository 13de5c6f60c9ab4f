/**
 * Who does a task, or how far it has come, in the few words that fit below its name.
 *
 * @module
 */
import { formatCount } from "../../parts/format.ts";
import { type LiveInstance, type LiveTask, membersOf } from "../live/mod.ts";

type Contest = NonNullable<LiveInstance["contest"]>;

/** `alpha · attempt 2`, `vote of 3 · 1 ended`, `12 / 20 items` … */
export function detailOf(task: LiveTask): string {
  if (task.isForEach) return itemsText(task);
  const { spec, instances: [sole] } = task;
  if (sole === undefined || sole.agent === null) {
    if (sole?.contest) return contestText(task, sole.contest);
    if (sole?.reused) return `as ${sole.reused.agent} did it before`;
    if (sole?.auction?.bids === null) return `asks ${sole.auction.agents.length} for bids`;
    if (sole?.deferred) return "nobody can do it yet";
    return plannedText(task);
  }
  const { agent, attempt, contest } = sole;
  if (contest !== null) return `${contestName(contest)} · ${agent}`;
  // A document counts the attempts of all contenders.
  const isContest = spec.contest !== undefined && spec.contest !== null;
  return attempt > 1 && !isContest ? `${agent} · attempt ${attempt}` : agent;
}

/** Who is to do it, as the file says. */
function plannedText({ spec }: LiveTask): string {
  if (spec.contest) return contestName(spec.contest);
  return spec.capability ?? spec.agent ?? spec.kind;
}

function contestName({ way, of }: Pick<Contest, "way" | "of">): string {
  return `${way} of ${of}`;
}

function contestText(task: LiveTask, contest: Contest): string {
  const name = contestName(contest);
  if (contest.settled !== null) return `${name} · settled`;
  const members = membersOf(task, 0);
  const judge = members[contest.of];
  if (judge?.status === "running") return `${name} · ${judge.agent} ${contest.way}s`;
  const ended = members.slice(0, contest.of).filter(({ finishedAt }) => finishedAt !== null);
  return `${name} · ${ended.length} ended`;
}

function itemsText(task: LiveTask): string {
  const { instances, counts, deferred } = task;
  const total = instances.length;
  if (total === 0) return `forEach · ${plannedText(task)}`;
  const ended = counts.completed + counts.failed + counts.cancelled;
  const failed = counts.failed === 0 ? "" : ` · ${formatCount(counts.failed)} failed`;
  const nobody = deferred.size === 0 ? "" : " · nobody for some";
  return `${formatCount(ended)} / ${formatCount(total)} items${failed}${nobody}`;
}
