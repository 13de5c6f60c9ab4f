/**
 * Bids that are asked of one agent: which wait for a worker, and which are being made. They take no
 * places of attempts, and a bid that does not come is given up without ending the worker.
 *
 * @module
 */
import type { BidAnswer, BidRequest } from "../../actors/bidding.ts";
import type { BidRow } from "../../actors/frames.ts";
import { readBid } from "../../actors/read_bid.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Cell } from "./cell.ts";
import type { Flight, Landing, Work } from "./flight.ts";

/** A bid that is asked for; flies in a cell like an attempt. */
class PendingBid implements Work {
  readonly timeoutMs: number;
  /** A worker that is busy with attempts is judged by theirs; a bid's own limit is its time-out. */
  readonly heartbeatMs = Infinity;
  timer: ReturnType<typeof setTimeout> | null = null;
  /** Where it flies. */
  cell: Cell | null = null;
  seq = 0;

  constructor(
    readonly request: BidRequest,
    readonly costUsd: () => number,
    readonly answer: (answer: BidAnswer) => void,
  ) {
    this.timeoutMs = request.timeoutMs;
  }
}

/** How long a worker may take to come up before a bid of it is given up. */
const START_MS_MAX = 5_000;
/** Bids that one worker makes at once. */
const FLYING_MAX = 64;
/** Bids of one agent that wait; more are refused at once. */
const WAITING_MAX = 4_096;

export class BidQueue {
  #waiting: PendingBid[] = [];
  readonly #flying = new Set<PendingBid>();
  readonly #countOf = new Map<Cell, number>();

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bids in flight in a cell: they are no attempts, and take no places. */
  in(cell: Cell): number {
    return this.#countOf.get(cell) ?? 0;
  }

  /** @param costUsd price of an attempt by the manifest, asked once the bid is there */
  add(request: BidRequest, costUsd: () => number): Promise<BidAnswer> {
    const { promise, resolve } = Promise.withResolvers<BidAnswer>();
    if (this.#waiting.length >= WAITING_MAX) {
      resolve(refused("BID_TIMEOUT", `More than ${WAITING_MAX} bids of this agent are waited for`));
      return promise;
    }
    const bid = new PendingBid(request, costUsd, resolve);
    bid.timer = setTimeout(() => this.#giveUp(bid), request.timeoutMs + START_MS_MAX);
    this.#waiting.push(bid);
    return promise;
  }

  /** Asks as many as the cells may make at once, in those with the least to do. */
  place(cells: readonly Cell[]): void {
    const ready = cells.filter((cell) => this.in(cell) < FLYING_MAX)
      .sort((a, b) => a.flights.size - b.flights.size);
    for (const cell of ready) {
      if (this.#waiting.length === 0) return;
      this.#launch(cell, this.#waiting.splice(0, FLYING_MAX - this.in(cell)));
    }
  }

  #launch(cell: Cell, bids: readonly PendingBid[]): void {
    const now = performance.now();
    const rows: BidRow[] = [];
    for (const bid of bids) {
      const { runId, taskId, index, capability, input, timeoutMs } = bid.request;
      const flight = cell.begin(bid, now);
      // Its timer gives it up; the watch over cells would end the worker.
      flight.deadlineAt = Infinity;
      bid.seq = flight.seq;
      bid.cell = cell;
      this.#flying.add(bid);
      rows.push([bid.seq, runId, taskId, index, capability, input]);
      clearTimeout(bid.timer!);
      bid.timer = setTimeout(() => this.#giveUp(bid), timeoutMs);
    }
    this.#countOf.set(cell, this.in(cell) + bids.length);
    cell.send(["bid", rows]);
  }

  /** Takes the bids out of what ended in a cell, and answers them. */
  take(cell: Cell, landings: Landing[]): Landing[] {
    if (!this.#countOf.has(cell)) return landings;
    return landings.filter(({ flight: { work }, outcome }) => {
      if (!(work instanceof PendingBid)) return true;
      if (outcome.status === "completed") {
        const { bid, problem } = readBid(outcome.output, work.costUsd());
        if (problem !== null) this.#settle(work, refused("BID_INVALID", `The bid ${problem}`));
        else this.#settle(work, bid === null ? { status: "none" } : { status: "bid", bid });
      } else {
        const { code, message } = outcome.error;
        this.#settle(work, refused(code === "INVALID_INPUT" ? code : "BID_INVALID", message));
      }
      return false;
    });
  }

  /** Whether the work is a bid of some agent. */
  static isBid({ work }: Flight): boolean {
    return work instanceof PendingBid;
  }

  /** The cell is gone: so are the bids in it. Answers with what else was. */
  lose(cell: Cell, flights: Flight[], { code, message }: ErrorData): Flight[] {
    const attempts = flights.filter((flight) => !BidQueue.isBid(flight));
    for (const { work } of flights) {
      if (work instanceof PendingBid) this.#settle(work, refused(code, message));
    }
    this.#countOf.delete(cell);
    return attempts;
  }

  /** No worker can be had. */
  refuseWaiting({ code, message }: ErrorData): void {
    for (const bid of this.#waiting.splice(0)) this.#settle(bid, refused(code, message));
  }

  /** Answers everything: the node stops. */
  close(): void {
    const answer = refused("UNAVAILABLE", "The node has stopped");
    for (const bid of [...this.#waiting.splice(0), ...this.#flying]) this.#settle(bid, answer);
  }

  #giveUp(bid: PendingBid): void {
    const { timeoutMs } = bid.request;
    const { cell, seq } = bid;
    const at = this.#waiting.indexOf(bid);
    if (at >= 0) this.#waiting.splice(at, 1);
    const message = cell === null
      ? `No worker came up for the bid within ${timeoutMs + START_MS_MAX} ms`
      : `The agent did not bid within ${timeoutMs} ms`;
    if (cell !== null && cell.isAlive) {
      cell.send(["abort", seq, "TIMEOUT", message]);
      cell.forget(seq);
    }
    this.#settle(bid, refused("BID_TIMEOUT", message));
  }

  #settle(bid: PendingBid, answer: BidAnswer): void {
    if (bid.timer !== null) clearTimeout(bid.timer);
    const { cell } = bid;
    if (this.#flying.delete(bid) && cell !== null) {
      const left = this.in(cell) - 1;
      if (left > 0) this.#countOf.set(cell, left);
      else this.#countOf.delete(cell);
    }
    bid.answer(answer);
  }
}

function refused(code: string, message: string): BidAnswer {
  return { status: "refused", code, message };
}
