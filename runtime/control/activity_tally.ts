/**
 * Counts what the runs of a node do, from the updates that it tells: pure, time comes with them.
 *
 * Counts are kept by group: runs of one workflow, tenant and set of tags, so that each reader is
 * shown the sums of what they may see. The number of groups, tasks and failures is bounded; what is
 * beyond counts in one group without labels, which only those see who see everything.
 *
 * @module
 */
import type { RunEvent, RunState } from "../../workflows/mod.ts";
import type { Labels } from "./caller.ts";
import { type LatencyCounts, LatencyHistogram } from "./latency_histogram.ts";
import { OpenRun } from "./open_run.ts";

/** How runs end. */
const ENDS = ["completed", "failed", "cancelled"] as const;
export type RunEnd = typeof ENDS[number];

/** Width of a bucket of the throughput. */
export const BUCKET_MS = 10_000;
/** Buckets that together are the last hour. */
export const BUCKETS = 360;
const HOUR_MS = BUCKET_MS * BUCKETS;
const LIMITS = { waitingIds: 2_000, groups: 300, timings: 2_000, failures: 500, openRuns: 50_000 };

/** Counts of one group. Plain JSON; reports of nodes add up. */
export interface GroupReport {
  /** `null`: of everything beyond the limits. */
  labels: Labels | null;
  running: number;
  waiting: number;
  paused: number;
  queued: number;
  /** Ids of waiting runs, as far as they fit. */
  waitingIds: string[];
  /** Age in buckets (0: now), then completed, failed and cancelled, for each that has any. */
  ends: [age: number, completed: number, failed: number, cancelled: number][];
  tasks: { task: string; latency: LatencyCounts }[];
  agents: { agent: string; attempts: number; failures: number; latency: LatencyCounts }[];
  /** `ageMs`: since the last one. */
  failures: { code: string; task: string; count: number; ageMs: number; runId: string }[];
}

interface Failure {
  code: string;
  task: string;
  /** When it happened, in five-minute slots. */
  counts: Map<number, number>;
  lastAt: number;
  runId: string;
}

interface Group {
  labels: Labels | null;
  /** Three counts for each bucket, by bucket number modulo {@linkcode BUCKETS}. */
  ends: Uint32Array;
  /** The bucket that each place stands for. */
  numbers: Float64Array;
  tasks: Map<string, LatencyHistogram>;
  agents: Map<string, { latency: LatencyHistogram; failures: LatencyHistogram }>;
  failures: Map<string, Failure>;
  lastAt: number;
}

const SLOT_MS = 300_000;

/** Counts what runs do. */
export class ActivityTally {
  readonly #open = new Map<string, { run: OpenRun; group: Group }>();
  readonly #groups = new Map<string, Group>();
  #timings = 0;
  #failures = 0;

  /** Whether the run is counted among the open ones. */
  knows(runId: string): boolean {
    return this.#open.has(runId);
  }

  /** Whether nothing of the run goes on, and something waits for time or a signal. */
  isWaiting(runId: string): boolean {
    return this.#open.get(runId)?.run.isWaiting ?? false;
  }

  /** Counts a run from now on that was begun before. */
  adopt(runId: string, labels: Labels, state: RunState, now: number): void {
    if (this.#open.has(runId) || this.#open.size >= LIMITS.openRuns) return;
    this.#open.set(runId, { run: OpenRun.of(state), group: this.#groupOf(labels, now) });
  }

  /** Counts no more what `isStill` refuses: another node does. */
  keep(isStill: (runId: string) => boolean): void {
    for (const runId of this.#open.keys()) if (!isStill(runId)) this.#open.delete(runId);
  }

  /**
   * Takes in an event.
   *
   * @returns whether the run is known; if not, {@linkcode adopt} it
   */
  add(runId: string, event: RunEvent, now: number): boolean {
    if (event.type === "RunSubmitted") this.#begin(runId, event, now);
    const known = this.#open.get(runId);
    if (known === undefined) return false;
    const { run, group } = known;
    group.lastAt = now;
    const ended = run.add(event);
    if (ended !== null && "task" in event) this.#endAttempt(group, { event, ended }, now);
    if (isFailure(event)) {
      this.#fail(group, { runId, task: event.task, code: event.error.code }, now);
    }
    const end = endOf(event);
    if (end === null) return true;
    this.#open.delete(runId);
    this.#count(group, end, now);
    return true;
  }

  /** Everything that was counted in the hour before `now`. */
  report(now: number): GroupReport[] {
    this.#tidyUp(now);
    const reports = new Map<Group, GroupReport>();
    for (const group of this.#groups.values()) reports.set(group, reportOf(group, now));
    let ids = 0;
    for (const [runId, { run, group }] of this.#open) {
      const report = reports.get(group)!;
      const status = run.isPaused ? "paused" : run.isWaiting ? "waiting" : "running";
      report[status]++;
      if (status === "waiting" && ids++ < LIMITS.waitingIds) report.waitingIds.push(runId);
      report.queued += run.isPaused ? 0 : run.queued;
    }
    return [...reports.values()];
  }

  #begin(runId: string, event: Extract<RunEvent, { type: "RunSubmitted" }>, now: number): void {
    if (this.#open.size >= LIMITS.openRuns) return;
    const { workflow, origin: { tags = [], tenant = null } = {} } = event;
    const group = this.#groupOf({ workflow, tags, tenant }, now);
    this.#open.set(runId, { run: new OpenRun(), group });
  }

  #groupOf({ workflow, tags, tenant }: Labels, now: number): Group {
    const labels = { workflow, tags: tags.toSorted(), tenant };
    const key = JSON.stringify([tenant, workflow, labels.tags]);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    if (this.#groups.size >= LIMITS.groups) this.#tidyUp(now);
    const isFull = this.#groups.size >= LIMITS.groups;
    const rest = isFull ? this.#groups.get("") : undefined;
    if (rest !== undefined) return rest;
    const group = createGroup(isFull ? null : labels, now);
    this.#groups.set(isFull ? "" : key, group);
    return group;
  }

  #endAttempt(
    group: Group,
    { event, ended }: {
      event: RunEvent & { task: string };
      ended: { agent: string; startedAt: number };
    },
    now: number,
  ): void {
    const durationMs = Math.max(0, event.at - ended.startedAt);
    const agent = this.#agentOf(group, ended.agent);
    if (event.type !== "TaskCompleted") {
      // Whoever was stopped has not failed.
      const hasFailed = event.type === "AttemptFailed" && !event.lost &&
        event.error.code !== "CANCELLED";
      if (hasFailed) agent?.failures.add(durationMs, now);
      return;
    }
    agent?.latency.add(durationMs, now);
    this.#timingOf(group, event.task)?.add(durationMs, now);
  }

  #timingOf(group: Group, task: string): LatencyHistogram | null {
    const known = group.tasks.get(task);
    if (known !== undefined) return known;
    if (this.#timings >= LIMITS.timings) return null;
    this.#timings++;
    const timing = new LatencyHistogram();
    group.tasks.set(task, timing);
    return timing;
  }

  #agentOf(group: Group, agent: string) {
    const known = group.agents.get(agent);
    if (known !== undefined) return known;
    if (this.#timings >= LIMITS.timings) return null;
    this.#timings++;
    const figures = { latency: new LatencyHistogram(), failures: new LatencyHistogram() };
    group.agents.set(agent, figures);
    return figures;
  }

  #fail(
    { failures }: Group,
    { runId, task, code }: { runId: string; task: string; code: string },
    now: number,
  ): void {
    const key = JSON.stringify([task, code]);
    let failure = failures.get(key);
    if (failure === undefined) {
      if (this.#failures >= LIMITS.failures) return;
      this.#failures++;
      failures.set(key, failure = { code, task, counts: new Map(), lastAt: now, runId });
    }
    const slot = Math.floor(now / SLOT_MS);
    failure.counts.set(slot, (failure.counts.get(slot) ?? 0) + 1);
    failure.lastAt = now;
    failure.runId = runId;
  }

  #count(group: Group, end: RunEnd, now: number): void {
    const number = Math.floor(now / BUCKET_MS);
    const place = number % BUCKETS;
    if (group.numbers[place] !== number) {
      group.numbers[place] = number;
      group.ends.fill(0, place * 3, place * 3 + 3);
    }
    group.ends[place * 3 + ENDS.indexOf(end)]!++;
  }

  /** Forgets what nothing happened to within the hour. */
  #tidyUp(now: number): void {
    const busy = new Set(this.#open.values().map(({ group }) => group));
    for (const [key, group] of this.#groups) {
      if (busy.has(group) || now - group.lastAt < HOUR_MS) continue;
      this.#groups.delete(key);
      this.#timings -= group.tasks.size + group.agents.size;
      this.#failures -= group.failures.size;
    }
    for (const { failures } of this.#groups.values()) {
      for (const [key, { lastAt }] of failures) {
        if (now - lastAt < HOUR_MS) continue;
        failures.delete(key);
        this.#failures--;
      }
    }
  }
}

function createGroup(labels: Labels | null, now: number): Group {
  return {
    labels,
    ends: new Uint32Array(BUCKETS * 3),
    numbers: new Float64Array(BUCKETS).fill(-1),
    tasks: new Map(),
    agents: new Map(),
    failures: new Map(),
    lastAt: now,
  };
}

/** An attempt after which no other comes is followed by the failure of its task. */
function isFailure(
  event: RunEvent,
): event is Extract<RunEvent, { type: "AttemptFailed" | "TaskFailed" }> {
  if (event.type === "TaskFailed") return true;
  if (event.type !== "AttemptFailed") return false;
  return event.retryAt !== undefined || event.fallback !== undefined;
}

function endOf(event: RunEvent): RunEnd | null {
  if (event.type === "RunCompleted") return "completed";
  if (event.type === "RunFailed") return "failed";
  return event.type === "RunCancelled" ? "cancelled" : null;
}

function reportOf(group: Group, now: number): GroupReport {
  const { labels, tasks, agents, failures } = group;
  const none = { running: 0, waiting: 0, paused: 0, queued: 0 };
  return {
    labels,
    ...none,
    waitingIds: [],
    ends: endsOf(group, now),
    tasks: [...tasks].map(([task, timing]) => ({ task, latency: timing.counts(now) }))
      .filter(({ latency }) => latency.count > 0),
    agents: [...agents].map(([agent, figures]) => {
      const latency = figures.latency.counts(now);
      const failed = figures.failures.counts(now).count;
      return { agent, attempts: latency.count + failed, failures: failed, latency };
    }).filter(({ attempts }) => attempts > 0),
    failures: [...failures.values()].map(({ code, task, counts, lastAt, runId }) => ({
      code,
      task,
      count: countWithin(counts, now),
      ageMs: Math.max(0, now - lastAt),
      runId,
    })).filter(({ count }) => count > 0),
  };
}

function endsOf({ ends, numbers }: Group, now: number): GroupReport["ends"] {
  const newest = Math.floor(now / BUCKET_MS);
  const found: GroupReport["ends"] = [];
  for (const [place, number] of numbers.entries()) {
    const age = newest - number;
    if (number < 0 || age < 0 || age >= BUCKETS) continue;
    found.push([age, ends[place * 3]!, ends[place * 3 + 1]!, ends[place * 3 + 2]!]);
  }
  return found;
}

function countWithin(counts: Map<number, number>, now: number): number {
  const oldest = Math.floor((now - HOUR_MS) / SLOT_MS);
  let sum = 0;
  for (const [slot, count] of counts) {
    if (slot > oldest) sum += count;
    else counts.delete(slot);
  }
  return sum;
}
