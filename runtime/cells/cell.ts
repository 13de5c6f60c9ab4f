/**
 * One cell as the node sees it: state, work in flight, and why it ended.
 *
 * @module
 */
import { decodeWorkerFrame } from "../../actors/decode_frame.ts";
import {
  ITEM,
  type NodeFrame,
  type RecallItem,
  toErrorCode,
  toPlainText,
  type WorkerItem,
} from "../../actors/frames.ts";
import type { ErrorData } from "../../core/errors.ts";
import { type AgentInfo, readAgentInfo } from "./agent_info.ts";
import type { Denial } from "./broker.ts";
import type { SettlingFrame } from "./attempt_tracer.ts";
import { type CellOptions, CellProcess, type Trouble } from "./cell_process.ts";
import {
  DENIALS_MAX,
  type Flight,
  isNewDenial,
  type Landing,
  newFlight,
  type Work,
} from "./flight.ts";
import type { ExitCause } from "./exit_cause.ts";
import { toOutcome } from "./worker_outcome.ts";
import { PerSecond } from "./per_second.ts";
import { residentBytes } from "./proc.ts";
import type { Tenant } from "./tenant.ts";
import { type FailedStepItem, type ReportItem, toFailedStep, toReport } from "./worker_report.ts";

/**
 * How far a cell has come up, or down.
 *
 * - `starting`: the process comes up
 * - `blank`: a worker waits for code
 * - `loading`: the code was sent
 * - `ready`: work may be sent
 * - `ending`: it was killed, or is about to be
 * - `gone`: the process has ended
 */
export type CellState = "starting" | "blank" | "loading" | "ready" | "ending" | "gone";

/** Who started the cell; what happens in it is told to its tenant. */
export interface CellOwner {
  onBlank(cell: Cell): void;
  onLoaded(cell: Cell, info: AgentInfo): void;
  onLoadFailed(cell: Cell, error: ErrorData): void;
  /** Something ended; the cell may have room. */
  onLandings(cell: Cell, landings: Landing[]): void;
  /** The process is gone; `flights` were in it. */
  onGone(cell: Cell, flights: Flight[], error: ErrorData): void;
}

/** Reports of one worker in one second; the boot code keeps far below. */
const REPORTS_PER_SECOND_MAX = 5_000;
/** Refusals of one worker in one second: who is told `OVERLOADED` so often does not listen. */
const REFUSALS_PER_SECOND_MAX = 5_000;
/** Work that a cell remembers to have been taken from it. */
const FORGOTTEN_MAX = 10_000;
/** What the node keeps for a worker that does not read: inputs of all that it does at once. */
const UNREAD_CHARS_MAX = 128 * 1024 * 1024;
/** What may share a line with the largest output. */
const FRAME_SLACK_CHARS = 1024 * 1024;

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
  /** Who lives here; `null` for a spare. */
  tenant: Tenant | null = null;
  /** The one piece of work in it came from a cell that died, and is alone to see whose fault that was. */
  isExclusive = false;
  /** The module was loaded. */
  wasReady = false;
  /** Work that was ever begun in it. */
  attempts = 0;
  /** Items that named no work in flight here. */
  refused = 0;
  /** Activations that were ever in it; each is named by its number. */
  seats = 0;
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
  /** Ticks that it has used for nothing while it was idle. */
  wastedTicks = 0;
  /** `performance.now()` from which on it is looked at again while it has nothing to do. */
  idleLookAt = 0;
  /** Characters that each item of the line takes that is read now, on average. */
  itemChars = 0;
  /** Characters of that line. */
  lineChars = 0;
  /** Hears what settles messages of the worker; set where they are traced. */
  onSettling: ((frame: SettlingFrame) => void) | null = null;
  readonly #frameCharsMax: number;
  #owner: CellOwner;
  #seq = 0;
  #reason: ErrorData | null = null;
  readonly #reports = new PerSecond(REPORTS_PER_SECOND_MAX);
  readonly #refusals = new PerSecond(REFUSALS_PER_SECOND_MAX);
  /** Work that was taken from the worker and that it may still speak of. */
  readonly #forgotten = new Set<number>();
  /** Items of the line that is read now that only a forger sends. */
  #strays = 0;
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

  /** Gives a blank cell its module. */
  load(tenant: Tenant, outputCharsMax: number): void {
    this.tenant = tenant;
    this.state = "loading";
    this.loadingSince = performance.now();
    this.process.endStartup();
    this.send(["load", tenant.code, outputCharsMax, tenant.host ?? null]);
  }

  /** Notes work that is about to leave; its `seq` names it in frames. */
  begin(work: Work, now: number): Flight {
    const flight = newFlight(work, ++this.#seq, now);
    this.flights.set(flight.seq, flight);
    this.attempts++;
    return flight;
  }

  /** The work is over without an answer; one that still comes is refused. */
  forget(seq: number): void {
    if (!this.flights.delete(seq)) return;
    if (this.#forgotten.size >= FORGOTTEN_MAX) this.#forgotten.clear();
    this.#forgotten.add(seq);
    if (this.flights.size === 0) this.#becomeIdle();
  }

  /** Sends a frame to the worker. */
  send(frame: NodeFrame): void {
    if (this.onSettling !== null && (frame[0] === "sent" || frame[0] === "answers")) {
      this.onSettling(frame);
    }
    this.process.send(JSON.stringify(frame));
    if (this.process.unreadChars > UNREAD_CHARS_MAX) {
      this.kill({ code: "UNRESPONSIVE", message: "The worker does not read what is sent to it" });
    }
    if (this.#earlyDenials.length > 0 && this.flights.size > 0) this.#tellEarlyDenials();
  }

  /** Asks one piece of work to end, and remembers what came of it whatever the worker says. */
  abort(flight: Flight, verdict: ErrorData, killAt: number): void {
    if (flight.verdict !== null) return;
    flight.verdict = verdict;
    flight.killAt = killAt;
    this.send(["abort", flight.seq, verdict.code, verdict.message]);
  }

  /** A message of the worker was refused. One that goes on sending what is refused is ended. */
  countRefusal(): void {
    if (this.#refusals.allows(performance.now())) return;
    const message =
      `More than ${REFUSALS_PER_SECOND_MAX} messages of the worker were refused in 1 s`;
    this.kill({ code: "MESSAGE_FLOOD", message });
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
    this.lineChars = text.length;
    this.itemChars = Math.ceil(text.length / Math.max(1, items.length));
    const landings: Landing[] = [];
    for (const item of items) {
      this.#onItem(item, landings);
      // Killed for what it said: the rest is not heard.
      if (!this.isAlive) break;
    }
    this.#tellStrays();
    if (landings.length === 0) return;
    if (this.flights.size === 0) this.#becomeIdle();
    this.tenant!.onLandings(this, landings);
    this.#owner.onLandings(this, landings);
  }

  #becomeIdle(): void {
    this.idleSince = performance.now();
    this.idleTicks = -1;
    this.wastedTicks = 0;
    this.idleLookAt = 0;
    this.isExclusive = false;
  }

  #onItem(item: WorkerItem, landings: Landing[]): void {
    switch (item[0]) {
      case ITEM.LOADED:
      case ITEM.LOAD_FAILED:
        return this.#onLoadItem(item);
      case ITEM.STATE:
      case ITEM.ACTOR_CRASHED:
        if (!isSeat(item[1], this.seats)) return this.#refuseItem(item);
        // What the worker said before comes first.
        this.#land(landings);
        return this.tenant!.onActorItem(this, item);
    }
    const flight = this.flights.get(item[1]);
    if (flight === undefined) return this.#refuseItem(item);
    switch (item[0]) {
      case ITEM.COMPLETED:
      case ITEM.FAILED:
        this.flights.delete(flight.seq);
        landings.push({ flight, outcome: toOutcome(flight, item) });
        return;
      case ITEM.TELL:
      case ITEM.ASK:
      case ITEM.CANCEL_ASK:
        return this.tenant!.onMessage(this, flight, item);
      case ITEM.RECALL:
        return this.#recall(flight, item);
      default:
        if (this.#mayReport()) this.#report(flight, item);
    }
  }

  #recall(flight: Flight, item: RecallItem): void {
    const { tenant } = this;
    if (tenant?.onRecall !== undefined) return tenant.onRecall(this, flight, item);
    const message = "Only attempts of tasks can recall earlier solutions";
    this.send(["recalled", [item[2], null, "NOT_SUPPORTED", message, null]]);
  }

  /** It names nothing here. Whether the boot code could have sent it late decides who is told. */
  #refuseItem(item: WorkerItem): void {
    this.refused++;
    const mayBeLate = item[0] === ITEM.CANCEL_ASK || item[0] === ITEM.STEP ||
      item[0] === ITEM.STEP_FAILED || item[0] === ITEM.RECALL ||
      this.#forgotten.has(item[1] as number);
    if (mayBeLate) return;
    this.#strays++;
    this.countRefusal();
  }

  #tellStrays(): void {
    if (this.#strays > 0) this.tenant?.onStrays?.(this);
    this.#strays = 0;
  }

  /** Tells the tenant what has ended so far, in order with what it is told next. */
  #land(landings: Landing[]): void {
    if (landings.length > 0) this.tenant!.onLandings(this, landings.splice(0));
  }

  #onLoadItem(item: Extract<WorkerItem, [5, ...unknown[]] | [6, ...unknown[]]>): void {
    if (this.state !== "loading") return this.#refuseItem(item);
    if (item[0] === ITEM.LOAD_FAILED) {
      return this.#failLoad({ code: toErrorCode(item[1]), message: toPlainText(item[2]) });
    }
    const read = readAgentInfo(item);
    if ("error" in read) return this.#failLoad(read.error);
    this.state = "ready";
    this.wasReady = true;
    this.silenceMs = 0;
    this.#becomeIdle();
    this.#owner.onLoaded(this, read.info);
  }

  #failLoad(error: ErrorData): void {
    this.#owner.onLoadFailed(this, error);
    this.kill(error);
  }

  #mayReport(): boolean {
    if (this.#reports.allows(performance.now())) return true;
    this.kill({ code: "MESSAGE_FLOOD", message: "The worker sent more reports than it may" });
    return false;
  }

  #report(flight: Flight, item: ReportItem | FailedStepItem): void {
    const tenant = this.tenant!;
    if (item[0] === ITEM.STEP_FAILED) {
      const times = toFailedStep(item);
      if (times !== null) tenant.onStepFailed?.(flight, times);
      return;
    }
    // Nobody waits for steps of work that has its verdict.
    if (item[0] === ITEM.STEP && flight.verdict !== null) return;
    const acknowledge = (token: number) => this.send(["ack", item[1], token]);
    const report = toReport(item, acknowledge);
    if (report !== null) tenant.onReport(this, flight, report);
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
    if (isNewDenial(flight, report)) this.tenant!.onReport(this, flight, report);
  }

  /** What the module tried while it was loaded goes on the record of the first work after. */
  #tellEarlyDenials(): void {
    for (const denial of this.takeEarlyDenials()) {
      for (const flight of this.flights.values()) this.#tellDenial(flight, denial);
    }
  }

  /** Denied accesses that no work has on its record yet. */
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
    this.#owner.onGone(this, flights, reason);
  }

  /** A process that the system ended close to its limit was out of memory. */
  #judge(cause: ExitCause): ErrorData {
    const limitBytes = this.memoryMb * 1024 * 1024;
    const isFull = this.baselineBytes > 0 && this.rssBytes - this.baselineBytes > 0.9 * limitBytes;
    return isFull ? { ...cause, code: "OUT_OF_MEMORY" } : { ...cause };
  }
}

function isSeat(seat: number, seats: number): boolean {
  return Number.isInteger(seat) && seat >= 1 && seat <= seats;
}

function isOutOfMemory(text: string): boolean {
  return /allocation failed|out of memory/i.test(text);
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
