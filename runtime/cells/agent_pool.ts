/**
 * The cells of one agent: which attempts wait, which cell takes the next, when another is needed.
 *
 * @module
 */
import type { Attempt, AttemptOutcome, AttemptReport, StepTimes } from "../../actors/attempt.ts";
import type { BidAnswer, BidRequest } from "../../actors/bidding.ts";
import type { AttemptRow, MessageItem, RecallItem } from "../../actors/frames.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import type { ErrorData } from "../../core/errors.ts";
import { BidQueue } from "./bid_queue.ts";
import type { Denial } from "./broker.ts";
import type { AgentInfo } from "./agent_info.ts";
import type { Cell } from "./cell.ts";
import { type Flight, type Landing, landLost } from "./flight.ts";
import type { Tenant } from "./tenant.ts";

/** An attempt with what came of it. */
export interface Result {
  id: Attempt;
  outcome: AttemptOutcome;
}

export interface AgentPoolEvents {
  onResults(results: Result[]): void;
  onReport(attempt: Attempt, report: AttemptReport): void;
  /** Of a traced attempt. */
  onStepFailed(attempt: Attempt, times: StepTimes): void;
  /** A message that an attempt sends to an actor. */
  onMessage(cell: Cell, flight: Flight, item: MessageItem): void;
  onRecall(cell: Cell, flight: Flight, item: RecallItem): void;
  /** The module says something else of itself than it is held to. Called from within the load. */
  onManifestChanged(info: AgentInfo): void;
  onCellGone(cell: Cell): void;
  /** The cell could not be had: what waited has these outcomes. Never called from within a call. */
  onLateResults(results: Result[]): void;
}

/** Attempts that were in a dead cell together with others, at most; the oldest are forgotten. */
const SUSPECTS_MAX = 10_000;

export class AgentPool implements Tenant {
  readonly noun = "attempt";
  readonly manifest: AgentManifest;
  readonly code: string;
  readonly cells = new Set<Cell>();
  /** Waits for a place in a cell. */
  queue: Attempt[] = [];
  /** Like {@linkcode queue}, but each must have a cell for itself. */
  readonly alone: Attempt[] = [];
  info: AgentInfo | null = null;
  /** When it was last wanted or given work, by the monotonic clock. */
  usedAt = performance.now();
  /** Callers that wait for {@linkcode info}. */
  readonly describing: PromiseWithResolvers<AgentInfo>[] = [];
  readonly bids = new BidQueue();
  readonly #suspects = new Set<string>();
  readonly #events: AgentPoolEvents;

  constructor(manifest: AgentManifest, code: string, events: AgentPoolEvents) {
    this.manifest = manifest;
    this.code = code;
    this.#events = events;
  }

  get waiting(): number {
    return this.queue.length + this.alone.length;
  }

  /** Nothing waits for it, and nothing is in its cells. */
  get isAtRest(): boolean {
    if (this.waiting + this.describing.length + this.bids.waiting > 0) return false;
    for (const cell of this.cells) if (cell.flights.size > 0) return false;
    return true;
  }

  /** Places that are free now or would be once all cells are up. */
  get capacity(): number {
    const { concurrency, replicas } = this.manifest;
    let taken = this.waiting;
    for (const cell of this.cells) taken += this.#attemptsIn(cell);
    return Math.max(0, replicas.max * concurrency - taken);
  }

  #attemptsIn(cell: Cell): number {
    return cell.flights.size - this.bids.in(cell);
  }

  bid(request: BidRequest): Promise<BidAnswer> {
    if (this.info?.manifest?.bids === false) return Promise.resolve({ status: "none" });
    return this.bids.add(request, () => this.info?.manifest?.costUsd ?? 0);
  }

  add(attempts: Attempt[]): void {
    if (this.#suspects.size === 0) {
      this.queue = this.queue.length === 0 ? attempts.slice() : this.queue.concat(attempts);
      return;
    }
    for (const attempt of attempts) {
      (this.#suspects.has(nameOf(attempt)) ? this.alone : this.queue).push(attempt);
    }
  }

  /** An even share each, one batch a cell. */
  place(): void {
    if (this.bids.waiting > 0) this.#placeBids();
    if (this.waiting === 0) return;
    const ready = [...this.cells].filter((cell) => this.#room(cell) > 0)
      .sort((a, b) => this.#attemptsIn(a) - this.#attemptsIn(b));
    for (const cell of ready) {
      if (this.alone.length === 0 || this.#attemptsIn(cell) > 0) continue;
      cell.isExclusive = true;
      launch(cell, [this.alone.shift()!]);
    }
    const open = this.alone.length > 0 ? [] : ready.filter((cell) => this.#room(cell) > 0);
    for (const [at, cell] of open.entries()) {
      const share = Math.ceil(this.queue.length / (open.length - at));
      const count = Math.min(share, this.#room(cell));
      if (count === 0) break;
      launch(cell, count === this.queue.length ? this.queue : this.queue.slice(0, count));
      this.queue = count === this.queue.length ? [] : this.queue.slice(count);
    }
  }

  /** Bids take no places of attempts, and stay away from one that is watched alone. */
  #placeBids(): void {
    this.bids.place(
      [...this.cells].filter((cell) => cell.state === "ready" && !cell.isExclusive),
    );
  }

  #room(cell: Cell): number {
    if (cell.state !== "ready" || cell.isExclusive) return 0;
    return this.manifest.concurrency - this.#attemptsIn(cell);
  }

  /** For what waits, and for whoever wants to hear what the module says of itself. */
  missing(): number {
    const least = this.describing.length + this.bids.waiting > 0 ? 1 : 0;
    return this.waiting + least > 0 ? this.missingOf(least) : 0;
  }

  /** Cells that should be started for what waits, and to have `least` of them. */
  missingOf(least: number): number {
    const { concurrency, replicas } = this.manifest;
    let [alive, room] = [0, 0];
    for (const cell of this.cells) {
      if (!cell.isAlive) continue;
      alive++;
      room += cell.state === "ready" ? this.#room(cell) : concurrency;
    }
    const wanted = this.alone.length +
      Math.ceil(Math.max(0, this.queue.length - room) / concurrency);
    return Math.max(0, Math.min(replicas.max - alive, Math.max(wanted, least - alive)));
  }

  keepsIdle(): "no" | "longer" {
    return this.cells.size <= this.manifest.replicas.min ? "longer" : "no";
  }

  onLoaded(cell: Cell, info: AgentInfo): void {
    const { declarationHash } = this.manifest;
    if (declarationHash !== undefined && info.manifestHash !== declarationHash) {
      this.#events.onManifestChanged(info);
      this.onUnavailable(MANIFEST_CHANGED, cell.takeEarlyDenials());
      return cell.kill(MANIFEST_CHANGED);
    }
    this.info = info;
    for (const { resolve } of this.describing.splice(0)) resolve(info);
  }

  onLandings(cell: Cell, landings: Landing[]): void {
    const results = this.bids.take(cell, landings).map(toResult);
    if (results.length === 0) return;
    for (const { id, outcome } of results) if (!isLost(outcome)) this.#acquit(id);
    this.#events.onResults(results);
  }

  /** A bid has no record that a report could stand on. */
  onReport(_cell: Cell, flight: Flight, report: AttemptReport): void {
    if (!BidQueue.isBid(flight)) this.#events.onReport(flight.work as Attempt, report);
  }

  onStepFailed(flight: Flight, times: StepTimes): void {
    if (!BidQueue.isBid(flight)) this.#events.onStepFailed(flight.work as Attempt, times);
  }

  onMessage(cell: Cell, flight: Flight, item: MessageItem): void {
    if (BidQueue.isBid(flight)) return this.#refuseForged(cell);
    this.#events.onMessage(cell, flight, item);
  }

  onRecall(cell: Cell, flight: Flight, item: RecallItem): void {
    if (BidQueue.isBid(flight)) return this.#refuseForged(cell);
    this.#events.onRecall(cell, flight, item);
  }

  /** The context of a bid offers nothing of the kind: somebody makes frames there. */
  #refuseForged(cell: Cell): void {
    cell.kill({ code: "CRASHED", message: "The worker broke the frame protocol" });
  }

  /** Agents have no activations: nothing sends such an item but a worker that forges frames. */
  onActorItem(cell: Cell): void {
    cell.kill({ code: "CRASHED", message: "The worker broke the frame protocol" });
  }

  onOverdue(cell: Cell, flight: Flight): void {
    cell.kill(flight.verdict!);
  }

  onGone(cell: Cell, flights: Flight[], error: ErrorData): void {
    const attempts = this.bids.lose(cell, flights, error);
    const landings = landLost(attempts, error);
    if (landings.every(({ outcome }) => isLost(outcome))) this.#suspect(landings.map(toResult));
    if (landings.length > 0) this.onLandings(cell, landings);
    this.#events.onCellGone(cell);
  }

  onUnavailable(error: ErrorData, denials: Denial[]): void {
    const attempts = this.#drain();
    for (const attempt of attempts) {
      for (const denial of denials) {
        this.#events.onReport(attempt, { type: "permission", ...denial });
      }
    }
    this.failDescribing(error);
    this.bids.refuseWaiting(error);
    const outcome = { status: "failed" as const, error };
    this.#events.onLateResults(attempts.map((id) => ({ id, outcome })));
  }

  failDescribing(error: ErrorData): void {
    for (const { reject } of this.describing.splice(0)) reject(error);
  }

  /** These died together; each runs alone next time, so that the guilty one is found. */
  #suspect(results: readonly Result[]): void {
    for (const { id } of results) this.#suspects.add(nameOf(id));
    while (this.#suspects.size > SUSPECTS_MAX) {
      this.#suspects.delete(this.#suspects.values().next().value!);
    }
  }

  /** The attempt has an outcome of its own. */
  #acquit(attempt: Attempt): void {
    if (this.#suspects.size > 0) this.#suspects.delete(nameOf(attempt));
  }

  /** Takes everything that waits. */
  #drain(): Attempt[] {
    const attempts = [...this.alone.splice(0), ...this.queue];
    this.queue = [];
    return attempts;
  }
}

const MANIFEST_CHANGED: ErrorData = {
  code: "MANIFEST_CHANGED",
  message: "The agent's module says something else of itself than when it was checked",
  retryable: true,
};

/** Sends attempts to a ready cell. */
function launch(cell: Cell, attempts: readonly Attempt[]): void {
  const now = performance.now();
  const runs = new Table();
  const tasks = new Table();
  const rows: AttemptRow[] = [];
  for (const attempt of attempts) {
    const { index, capability = null, input, steps = null, term, traceparent = null } = attempt;
    const [run, task] = [runs.place(attempt.runId), tasks.place(attempt.taskId)];
    const { seq } = cell.begin(attempt, now);
    const number = attempt.attempt;
    rows.push([seq, run, task, index, number, capability, input, steps, term, traceparent]);
  }
  cell.send(["run", runs.names, tasks.names, rows]);
}

/** Places of names in a frame, each sent once. */
class Table {
  readonly names: string[] = [];
  #places: Map<string, number> | null = null;

  place(name: string): number {
    // Nearly always the same as the one before.
    if (this.names.at(-1) === name) return this.names.length - 1;
    const places = this.#places ??= new Map();
    const known = places.get(name);
    if (known !== undefined) return known;
    places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}

/** Whatever flies in this pool's cells was launched by it: an attempt. */
function toResult({ flight, outcome }: Landing): Result {
  return { id: flight.work as Attempt, outcome };
}

function nameOf({ runId, taskId, index }: Attempt): string {
  return JSON.stringify([runId, taskId, index]);
}

function isLost(outcome: AttemptOutcome): boolean {
  return outcome.status === "failed" && outcome.lost === true;
}
