import type { JsonObject } from "../../../core/json.ts";
import type { AttemptOutcome } from "../../../core/outcome.ts";
import { drawOutcome } from "../run/random_workflow.ts";
import { type AttemptKey, attemptKey } from "./attempt_key.ts";
import type { ClusterCheckers } from "./cluster_checkers.ts";
import type { SimProcess } from "./sim_process.ts";

/** What a cell is told of an attempt. */
export interface Frame extends AttemptKey {
  partition: number;
  /** Of the leader that sent it: with the attempt its fencing token. */
  term: number;
  steps: JsonObject | null;
}

/** The node that cells belong to. */
export interface CellsHost {
  /** `acknowledge` is called once the step is safe. */
  onStep(frame: Frame, stepId: string, acknowledge: () => void): void;
  onFinish(frame: Frame, outcome: AttemptOutcome): void;
}

interface Flight {
  frame: Frame;
  isCancelled: boolean;
}

/** Attempts that one node's cells do at a time. */
export const SLOTS = 3;

/** The cells of one boot of a node: they go on whoever leads, and die with their node. */
export class SimCells {
  readonly #process: SimProcess;
  readonly #host: CellsHost;
  readonly #checkers: ClusterCheckers;
  readonly #flights = new Map<string, Flight>();

  constructor(process: SimProcess, host: CellsHost, checkers: ClusterCheckers) {
    this.#process = process;
    this.#host = host;
    this.#checkers = checkers;
  }

  get size(): number {
    return this.#flights.size;
  }

  has(attempt: AttemptKey): boolean {
    return this.#flights.has(attemptKey(attempt));
  }

  *frames(): Iterable<Frame> {
    for (const { frame } of this.#flights.values()) yield frame;
  }

  take(frame: Frame): void {
    const { world } = this.#process;
    const flight: Flight = { frame, isCancelled: false };
    this.#flights.set(attemptKey(frame), flight);
    const isLong = world.random.chance(0.35);
    const durationMs = isLong ? world.random.int(300, 4_000) : world.random.int(1, 200);
    if (isLong) this.#writeOn(flight);
    const steps = stepsOf(frame);
    this.#work(flight, steps, durationMs / (steps.length + 1));
  }

  /** Who works for long writes to the outside world all the time. */
  #writeOn(flight: Flight): void {
    this.#process.after(250, () => {
      if (this.#isOver(flight)) return;
      this.#checkers.effects.write(flight.frame, flight.frame.term);
      this.#writeOn(flight);
    });
  }

  /** One step after the other, each told to the node before the next begins. */
  #work(flight: Flight, steps: readonly string[], pauseMs: number): void {
    this.#process.after(pauseMs, () => {
      if (this.#isOver(flight)) return;
      const [stepId, ...rest] = steps;
      const { frame } = flight;
      this.#checkers.effects.write(frame, frame.term);
      if (stepId === undefined) return this.#finish(flight, outcomeOf(frame));
      if (frame.steps !== null && stepId in frame.steps) return this.#work(flight, rest, pauseMs);
      this.#checkers.journal.stepComputed(frame, stepId);
      let isKnown = false;
      this.#host.onStep(frame, stepId, () => {
        if (isKnown || this.#isOver(flight)) return;
        isKnown = true;
        this.#work(flight, rest, pauseMs);
      });
    });
  }

  #isOver(flight: Flight): boolean {
    return this.#flights.get(attemptKey(flight.frame)) !== flight || flight.isCancelled;
  }

  /** Asks an attempt to end: it does so a little later. */
  cancel(attempt: AttemptKey): void {
    const flight = this.#flights.get(attemptKey(attempt));
    if (flight === undefined || flight.isCancelled) return;
    flight.isCancelled = true;
    const error = { code: "CANCELLED", message: "The attempt was cancelled" };
    this.#process.after(
      this.#process.world.random.int(1, 40),
      () => this.#finish(flight, { status: "failed", error }),
    );
  }

  #finish(flight: Flight, outcome: AttemptOutcome): void {
    this.#flights.delete(attemptKey(flight.frame));
    this.#host.onFinish(flight.frame, outcome);
  }
}

function placeNumber({ runId, task, index }: AttemptKey): number {
  return Number(runId.slice(1)) * 31 + Number(task.slice(1)) * 7 + index;
}

/** The same in each attempt. */
function stepsOf(frame: Frame): string[] {
  return ["first", "second"].slice(0, placeNumber(frame) % 3);
}

/** What comes of an attempt, with its name in it. */
function outcomeOf(frame: Frame): AttemptOutcome {
  const outcome = drawOutcome(placeNumber(frame), frame);
  if (outcome.status === "failed") return outcome;
  return {
    status: "completed",
    output: { ...outcome.output as JsonObject, by: attemptKey(frame) },
  };
}
