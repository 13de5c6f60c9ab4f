/**
 * One cell as the node sees it: state, attempts in flight, and who is to blame when it ends.
 *
 * @module
 */
import type { Attempt, AttemptOutcome, AttemptReport } from "../../actors/attempt.ts";
import {
  type AttemptRow,
  decodeWorkerFrame,
  ITEM,
  LOG_LEVELS,
  type NodeFrame,
  toErrorCode,
  toPlainText,
  type WorkerItem,
} from "../../actors/frames.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Denial } from "./broker.ts";
import { type CellOptions, CellProcess, type Trouble } from "./cell_process.ts";
import {
  bystander,
  DENIALS_MAX,
  type Flight,
  isNewDenial,
  newFlight,
  type Result,
} from "./flight.ts";
import type { ExitCause } from "./exit_cause.ts";
import { residentBytes } from "./proc.ts";

/**
 * How far a cell has come up, or down.
 *
 * - `starting`: the process comes up
 * - `blank`: a worker waits for an agent's code
 * - `loading`: the code was sent
 * - `ready`: attempts may be sent
 * - `ending`: it was killed, or is about to be
 * - `gone`: the process has ended
 */
export type CellState = "starting" | "blank" | "loading" | "ready" | "ending" | "gone";

/** What the agent's module says of itself. */
export interface AgentInfo {
  name: string;
  capabilities: string[];
}

export interface CellOwner {
  onBlank(cell: Cell): void;
  onLoaded(cell: Cell, info: AgentInfo): void;
  onLoadFailed(cell: Cell, error: ErrorData): void;
  onResults(cell: Cell, results: Result[]): void;
  onReport(attempt: Attempt, report: AttemptReport): void;
  /** The process is gone; `results` are of the attempts that were in it. */
  onGone(cell: Cell, results: Result[], error: ErrorData): void;
}

/** Reports of one worker in one second; the boot code keeps far below. */
const REPORTS_PER_SECOND_MAX = 5_000;
const DETAILS_CHARS_MAX = 65_536;
/** What may share a line with the largest output. */
const FRAME_SLACK_CHARS = 1024 * 1024;
const STEP_ID_CHARS_MAX = 256;

/** What a cell is started with. */
export interface NewCell extends Omit<CellOptions, "events" | "lineBytesMax"> {
  /** Largest output of an attempt, in characters of JSON text. */
  outputCharsMax: number;
}

export class Cell {
  readonly flights = new Map<number, Flight>();
  readonly memoryMb: number;
  readonly workDir: string;
  readonly startedAt = performance.now();
  readonly process: CellProcess;
  state: CellState = "starting";
  /** Key of the agent that lives here; `null` for a spare. */
  agentKey: string | null = null;
  /** The one attempt in it came from a cell that died, and runs alone to see whose fault that was. */
  isExclusive = false;
  /** The agent's module was loaded. */
  wasReady = false;
  attempts = 0;
  /** Results that named no attempt in flight here. */
  refused = 0;
  idleSince = performance.now();
  loadingSince = 0;
  /** When the cell was pinged and has not answered since; `Infinity` when it owes nothing. */
  pingedAt = Infinity;
  lastPingAt = 0;
  /** How long the worker has owed an answer to the cell, as of the last report. */
  silenceMs = 0;
  baselineBytes = 0;
  rssBytes = 0;
  /** CPU time when last looked at, in clock ticks; see `watch.ts`. */
  idleTicks = -1;
  readonly #frameCharsMax: number;
  #owner: CellOwner;
  #seq = 0;
  #reason: ErrorData | null = null;
  #reports = 0;
  #reportsFrom = 0;
  #earlyDenials: Denial[] = [];

  constructor(options: NewCell, owner: CellOwner) {
    this.#owner = owner;
    this.#frameCharsMax = options.outputCharsMax + FRAME_SLACK_CHARS;
    this.memoryMb = options.memoryMb;
    this.workDir = options.workDir;
    this.process = new CellProcess({
      ...options,
      // A character takes at most three bytes.
      lineBytesMax: 3 * this.#frameCharsMax,
      events: {
        onReady: () => this.#onReady(),
        onFrame: (text) => this.#onFrame(text),
        onSilence: (ms) => this.#onSilence(ms),
        onTrouble: (trouble) => this.#onTrouble(trouble),
        onDenial: (denial) => this.#onDenial(denial),
        onExit: (cause) => this.#onExit(cause),
      },
    });
  }

  get isAlive(): boolean {
    return this.state !== "ending" && this.state !== "gone";
  }

  /** Gives a blank cell its agent. */
  load(agentKey: string, code: string, outputCharsMax: number): void {
    this.agentKey = agentKey;
    this.state = "loading";
    this.loadingSince = performance.now();
    this.process.endStartup();
    this.#send(["load", code, outputCharsMax]);
  }

  /** Sends attempts to a ready worker. */
  run(attempts: Attempt[]): void {
    const now = performance.now();
    const runs = new Table();
    const tasks = new Table();
    const rows: AttemptRow[] = [];
    for (const attempt of attempts) {
      const seq = ++this.#seq;
      this.flights.set(seq, newFlight(attempt, seq, now));
      const { index, capability = null, input, steps = null } = attempt;
      const [run, task] = [runs.place(attempt.runId), tasks.place(attempt.taskId)];
      rows.push([seq, run, task, index, attempt.attempt, capability, input, steps]);
    }
    this.attempts += attempts.length;
    this.#send(["run", runs.names, tasks.names, rows]);
    if (this.#earlyDenials.length > 0) this.#tellEarlyDenials();
  }

  /** Asks one attempt to end, and remembers what came of it whatever the worker says. */
  abort(flight: Flight, verdict: ErrorData, killAt: number): void {
    if (flight.verdict !== null) return;
    flight.verdict = verdict;
    flight.killAt = killAt;
    this.#send(["abort", flight.seq, verdict.code, verdict.message]);
  }

  ping(now: number): void {
    this.pingedAt = this.lastPingAt = now;
    this.process.ping();
  }

  /** Ends the process. The first reason counts. */
  kill(reason: ErrorData): void {
    if (this.state === "gone") return;
    this.#reason ??= reason;
    this.state = "ending";
    this.process.kill();
  }

  #send(frame: NodeFrame): void {
    this.process.send(JSON.stringify(frame));
  }

  #onReady(): void {
    if (this.state !== "starting") return;
    this.state = "blank";
    this.baselineBytes = this.rssBytes = residentBytes(this.process.pid) ?? 0;
    this.idleSince = performance.now();
    this.#owner.onBlank(this);
  }

  #onSilence(ms: number): void {
    this.pingedAt = Infinity;
    this.silenceMs = ms;
  }

  #onTrouble({ type, message }: Trouble): void {
    if (type === "flood") {
      return this.kill({ code: "MESSAGE_FLOOD", message: `The worker sent ${message}` });
    }
    const text = type === "error" ? `Unhandled error in the worker: ${message}` : message;
    this.kill({
      code: isOutOfMemory(text) ? "OUT_OF_MEMORY" : "CRASHED",
      message: capitalise(text),
    });
  }

  #onFrame(text: string): void {
    if (!this.isAlive) return;
    const items = text.length > this.#frameCharsMax ? null : decodeWorkerFrame(text);
    if (items === null) {
      return this.kill({ code: "CRASHED", message: "The worker broke the frame protocol" });
    }
    const results: Result[] = [];
    for (const item of items) this.#onItem(item, results);
    if (results.length === 0) return;
    if (this.flights.size === 0) this.#becomeIdle();
    this.#owner.onResults(this, results);
  }

  #becomeIdle(): void {
    this.idleSince = performance.now();
    this.idleTicks = -1;
    this.isExclusive = false;
  }

  #onItem(item: WorkerItem, results: Result[]): void {
    if (item[0] === ITEM.LOADED || item[0] === ITEM.LOAD_FAILED) return this.#onLoadItem(item);
    const flight = this.flights.get(item[1]);
    if (flight === undefined) return void this.refused++;
    if (item[0] === ITEM.COMPLETED || item[0] === ITEM.FAILED) {
      this.flights.delete(flight.seq);
      results.push({ id: flight.attempt, outcome: toOutcome(flight, item) });
    } else if (this.#mayReport()) {
      this.#report(flight, item);
    }
  }

  #onLoadItem(item: Extract<WorkerItem, [5, ...unknown[]] | [6, ...unknown[]]>): void {
    if (this.state !== "loading") return void this.refused++;
    if (item[0] === ITEM.LOAD_FAILED) {
      const error = { code: toErrorCode(item[1]), message: toPlainText(item[2]) };
      this.#owner.onLoadFailed(this, error);
      return this.kill(error);
    }
    this.state = "ready";
    this.wasReady = true;
    this.silenceMs = 0;
    this.#becomeIdle();
    const capabilities = item[2].slice(0, 256).map((name) => toPlainText(name, 256));
    this.#owner.onLoaded(this, { name: toPlainText(item[1], 256), capabilities });
  }

  #mayReport(): boolean {
    const now = performance.now();
    if (now >= this.#reportsFrom + 1_000) [this.#reportsFrom, this.#reports] = [now, 0];
    if (++this.#reports <= REPORTS_PER_SECOND_MAX) return true;
    this.kill({ code: "MESSAGE_FLOOD", message: "The worker sent more reports than it may" });
    return false;
  }

  #report(flight: Flight, item: Extract<WorkerItem, [2 | 3 | 4, ...unknown[]]>): void {
    const { attempt } = flight;
    switch (item[0]) {
      case ITEM.PROGRESS:
        return this.#owner.onReport(attempt, {
          type: "progress",
          fraction: item[2],
          message: toPlainText(item[3], 200),
        });
      case ITEM.LOG: {
        const [, , level, text, fields] = item;
        const report = { level: LOG_LEVELS[level]!, message: toPlainText(text) };
        return this.#owner.onReport(attempt, {
          type: "log",
          ...report,
          ...(fields === null ? {} : { fields }),
        });
      }
      case ITEM.STEP: {
        const [, seq, token, stepId, output] = item;
        if (stepId.length > STEP_ID_CHARS_MAX || flight.verdict !== null) return;
        const acknowledge = () => this.#send(["ack", seq, token]);
        return this.#owner.onReport(attempt, { type: "step", stepId, output, acknowledge });
      }
    }
  }

  #onDenial(denial: Denial): void {
    if (this.flights.size === 0) {
      if (this.#earlyDenials.length < DENIALS_MAX) this.#earlyDenials.push(denial);
      return;
    }
    for (const flight of this.flights.values()) this.#tellDenial(flight, denial);
  }

  #tellDenial(flight: Flight, denial: Denial): void {
    const among = this.flights.size;
    const report = { type: "permission" as const, ...denial, ...(among > 1 ? { among } : {}) };
    if (isNewDenial(flight, report)) this.#owner.onReport(flight.attempt, report);
  }

  /** What the module tried while it was loaded goes on the record of the first attempts after. */
  #tellEarlyDenials(): void {
    for (const denial of this.takeEarlyDenials()) {
      for (const flight of this.flights.values()) this.#tellDenial(flight, denial);
    }
  }

  /** Denied accesses that no attempt has on its record yet. */
  takeEarlyDenials(): Denial[] {
    const denials = this.#earlyDenials;
    this.#earlyDenials = [];
    return denials;
  }

  #onExit(cause: ExitCause): void {
    this.state = "gone";
    const reason = this.#reason ?? this.#judge(cause);
    const flights = [...this.flights.values()];
    this.flights.clear();
    this.#owner.onGone(this, toResults(flights, reason), reason);
  }

  /** A process that the system ended close to its limit was out of memory. */
  #judge(cause: ExitCause): ErrorData {
    const limitBytes = this.memoryMb * 1024 * 1024;
    const isFull = this.baselineBytes > 0 && this.rssBytes - this.baselineBytes > 0.9 * limitBytes;
    return isFull ? { ...cause, code: "OUT_OF_MEMORY" } : { ...cause };
  }
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

function toOutcome(
  flight: Flight,
  item: Extract<WorkerItem, [0, ...unknown[]] | [1, ...unknown[]]>,
): AttemptOutcome {
  if (flight.verdict !== null) return { status: "failed", error: flight.verdict };
  if (item[0] === ITEM.COMPLETED) return { status: "completed", output: item[2] };
  const [, , code, message, retryable, details] = item;
  const error: ErrorData = { code: toErrorCode(code), message: toPlainText(message) };
  if (retryable !== null) error.retryable = retryable;
  if (details !== null && JSON.stringify(details).length <= DETAILS_CHARS_MAX) {
    error.details = details;
  }
  return { status: "failed", error };
}

/** Exactly one attempt in the cell: it is to blame. Of several nobody knows: all are bystanders. */
function toResults(flights: Flight[], reason: ErrorData): Result[] {
  const open = flights.filter(({ verdict }) => verdict === null);
  const isVerdict = open.length < flights.length;
  return flights.map((flight) => ({
    id: flight.attempt,
    outcome: flight.verdict !== null
      ? { status: "failed", error: flight.verdict }
      : open.length === 1 && !isVerdict
      ? { status: "failed", error: reason }
      : bystander(reason.message),
  }));
}

function isOutOfMemory(text: string): boolean {
  return /allocation failed|out of memory/i.test(text);
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
