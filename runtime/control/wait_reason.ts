/**
 * Why a task waits, in words. Pure.
 *
 * @module
 */
import { explainAbstention } from "../../core/explain_assignment.ts";
import { hasEnded, type RunState, type TaskState } from "../../workflows/mod.ts";
import type { WaitReason } from "./run_documents.ts";

type Instance = TaskState["instances"][number];

/** Where the run stands, beside what its events say. */
export interface RunSurroundings {
  /** Node that leads the run's partition; `null` while none does. */
  leader: string | null;
  /** Whether a node has begun the run. */
  isBegun: boolean;
}

/** Needs that are named; a task may have thousands. */
const NAMED_MAX = 5;

/**
 * Why nothing happens to a task, or to one item of it.
 *
 * @param instance the item, or what a plain task is; `null` for a `forEach` as a whole
 * @returns `null` when something happens, or it has ended
 */
export function waitReasonOf(
  state: RunState,
  { task, instance }: { task: TaskState; instance: Instance | null },
  around: RunSurroundings,
): WaitReason | null {
  const status = instance?.status ?? task.result.status;
  if (hasEnded(state.status) || hasEnded(task.result.status)) return null;
  if (status === "running" || (status !== "ready" && hasEnded(status))) return null;
  if (instance === null && task.running > 0) return null;
  if (instance?.contest) return waitsForMember(state, task, instance);
  return waitsForNode(state, around) ??
    waitsForNeeds(state, task) ??
    waitsForSignal(task) ??
    waitsForAgent(state, task, instance) ??
    waitsForTime(task, instance) ??
    waitsForRoom(state, task, instance);
}

function waitsForNode(state: RunState, { leader, isBegun }: RunSurroundings): WaitReason | null {
  if (leader === null) {
    const text = "no node leads the run's partition; it goes on as soon as one does";
    return { kind: "leader", text, tasks: [] };
  }
  if (!isBegun) {
    return { kind: "leader", text: `node "${leader}" has not begun the run yet`, tasks: [] };
  }
  return state.isPaused ? { kind: "paused", text: "the run is paused", tasks: [] } : null;
}

function waitsForNeeds(state: RunState, { plan }: TaskState): WaitReason | null {
  const tasks = plan.needs
    .map((position) => state.tasks[position]!)
    .filter(({ result }) => !hasEnded(result.status))
    .map((need) => need.plan.spec.id);
  if (tasks.length === 0) return null;
  const named = tasks.slice(0, NAMED_MAX).map((id) => `"${id}"`).join(", ");
  const more = tasks.length > NAMED_MAX ? ` and ${tasks.length - NAMED_MAX} more` : "";
  return { kind: "needs", text: `waits for ${named}${more} to end`, tasks };
}

function waitsForSignal({ plan: { spec: { target } }, waitUntil }: TaskState): WaitReason | null {
  if (target.type !== "waitSignal") return null;
  const until = instantOf(waitUntil);
  const limit = until === null ? "" : `, until ${until}`;
  return {
    kind: "signal",
    text: `waits for the signal "${target.signal}"${limit}`,
    tasks: [],
    signal: target.signal,
    ...(until === null ? {} : { until }),
  };
}

/** Others do it: unless one of them is at work, what the first waits for that nobody can do. */
function waitsForMember(state: RunState, task: TaskState, { contest }: Instance) {
  const { first, of } = contest!;
  const members = task.instances.slice(first, first + of + 1);
  if (state.isPaused || members.some(({ status }) => status === "running")) return null;
  const waiting = members.find(({ deferred }) => deferred !== null);
  return waiting === undefined ? null : waitsForAgent(state, task, waiting);
}

/** Nobody can do it for now, or agents are asked for bids. */
function waitsForAgent(
  state: RunState,
  task: TaskState,
  instance: Instance | null,
): WaitReason | null {
  const { plan: { spec: { target } }, instances } = task;
  const one = instance ?? instances.find(({ deferred, auction }) => deferred ?? auction) ?? null;
  if (one === null) return null;
  const { deferred, auction } = one;
  if (auction?.bids === null) {
    const text = `asks ${auction.agents.length} agents for bids`;
    return { kind: "agent", text, tasks: [], until: new Date(auction.closesAt).toISOString() };
  }
  const capability = target.type === "capability" ? target.capability : "";
  if (deferred === null) return waitsForGone(task, one);
  // Its time is up, but it is not given up: the run has no room, and nobody is looked for.
  const isFull = state.running >= state.plan.definition.concurrency;
  if (isFull && deferred.giveUpAt <= state.lastAt) return null;
  const text = explainAbstention(deferred.why, capability);
  return { kind: "agent", text, tasks: [], until: new Date(deferred.giveUpAt).toISOString() };
}

/** Of several items that wait for an agent that is gone only one is on the record. */
function waitsForGone(
  { plan: { spec: { target } }, instances, deferred }: TaskState,
  one: Instance,
): WaitReason | null {
  const agent = one.fallback ?? (target.type === "agent" ? target.agent : null);
  for (const index of deferred) {
    const { why } = instances[index]!.deferred!;
    if (why.code !== "AGENT_GONE" || why.agent !== agent) continue;
    return { kind: "agent", text: explainAbstention(why, ""), tasks: [] };
  }
  return null;
}

function waitsForTime(task: TaskState, instance: Instance | null): WaitReason | null {
  const isRetried = instance?.status === "waiting";
  const until = instantOf(isRetried ? instance.notBeforeAt : task.waitUntil);
  if (until === null) return null;
  const why = !isRetried
    ? "waits"
    : instance.error === null
    ? "runs again; waits"
    : `failed with ${instance.error.code}; waits for its next attempt`;
  return { kind: "time", text: `${why} until ${until}`, tasks: [], until };
}

function waitsForRoom(state: RunState, task: TaskState, instance: Instance | null): WaitReason {
  const { spec, candidates } = task.plan;
  const { concurrency } = state.plan.definition;
  const because = (kind: WaitReason["kind"], text: string) => ({ kind, text, tasks: [] });
  if (state.running >= concurrency) {
    return because(
      "concurrency",
      `the run does ${concurrency} tasks at once, and does so many now`,
    );
  }
  if (spec.maxParallel !== undefined && task.running >= spec.maxParallel) {
    return because("concurrency", `${spec.maxParallel} of its items run at once, and do so now`);
  }
  const agents = instance?.fallback ? [instance.fallback] : candidates;
  if (agents.length === 0) return because("worker", "is about to be decided on");
  const named = agents.map((name) => `"${name}"`).join(" or ");
  return because("worker", `waits for a free worker of ${named}`);
}

function instantOf(at: number | null): string | null {
  return at === null || !Number.isFinite(at) || at === 0 ? null : new Date(at).toISOString();
}
