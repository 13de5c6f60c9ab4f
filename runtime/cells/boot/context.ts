/**
 * What an agent's `run(input, ctx)` gets as `ctx`. Runs inside the worker.
 *
 * @module
 */
import { ITEM } from "../../../actors/frames.ts";
import { codedError, toFailure } from "./failure.ts";
import type { RecallOptions } from "./recalls.ts";
import { type Outlet, TEXT_CHARS_MAX, WorkContext } from "./work_context.ts";

/** One attempt as the worker knows it. */
export interface Work {
  seq: number;
  runId: string;
  task: string;
  index: number;
  attempt: number;
  capability: string | null;
  steps: Record<string, unknown> | null;
  term: number;
  traceparent: string | null;
}

const PROGRESS_EVERY_MS = 50;
const STEP_ID_CHARS_MAX = 256;
const STEPS_MAX = 10_000;

export class Context extends WorkContext {
  readonly run: { id: string };
  readonly task: string;
  readonly index: number;
  readonly attempt: number;
  readonly capability: string | null;
  readonly term: number;
  readonly traceparent: string | null;
  readonly #steps: Record<string, unknown> | null;
  #progressAt = -Infinity;
  #progressItem: string | null = null;
  #stepIds: Set<string> | null = null;

  constructor(work: Work, outlet: Outlet) {
    super(work.seq, outlet);
    this.run = { id: work.runId };
    this.task = work.task;
    this.index = work.index;
    this.attempt = work.attempt;
    this.capability = work.capability;
    this.term = work.term;
    this.traceparent = work.traceparent;
    this.#steps = work.steps;
  }

  get progress() {
    return (fraction: unknown, message: unknown = ""): void => {
      if (this.isOver) return;
      const part = typeof fraction === "number" && Number.isFinite(fraction)
        ? Math.min(1, Math.max(0, fraction))
        : null;
      const text = JSON.stringify(String(message).slice(0, TEXT_CHARS_MAX));
      const isWaiting = this.#progressItem !== null;
      this.#progressItem = `[${ITEM.PROGRESS},${this.$seq},${part},${text}]`;
      if (isWaiting) return;
      const waitMs = this.#progressAt + PROGRESS_EVERY_MS - performance.now();
      if (waitMs <= 0) this.#sendProgress();
      else setTimeout(() => this.#sendProgress(), waitMs);
    };
  }

  get step() {
    return async (stepId: string, perform: () => unknown): Promise<unknown> => {
      const stepIds = this.#stepIds ??= new Set();
      // The first result is no answer: the id may come from a loop whose rounds differ.
      if (stepIds.has(stepId)) throw repeatedStep(stepId);
      stepIds.add(stepId);
      try {
        return await this.#step(stepId, perform);
      } catch (error) {
        // A step that failed may be tried again within the attempt.
        stepIds.delete(stepId);
        throw error;
      }
    };
  }

  get recall() {
    return (query: string, options?: RecallOptions): Promise<unknown> =>
      this.outlet.recalls.ask(this.$requireSeq(), query, options);
  }

  tool = () => unsupported("ctx.tool", "import what the agent needs, or use `ctx.step`");
  model = () => unsupported("ctx.model", "`fetch` with a `net` permission");
  fetch = () => unsupported("ctx.fetch", "the global `fetch` with a `net` permission");

  override $end(): void {
    if (this.#progressItem !== null) this.#sendProgress();
    super.$end();
  }

  #sendProgress(): void {
    if (this.#progressItem === null || this.isOver) return;
    this.#progressAt = performance.now();
    this.outlet.send(this.#progressItem);
    this.#progressItem = null;
  }

  async #step(stepId: string, perform: () => unknown): Promise<unknown> {
    if (typeof stepId !== "string" || stepId === "" || stepId.length > STEP_ID_CHARS_MAX) {
      throw codedError("FAILED", `Step id must be 1 to ${STEP_ID_CHARS_MAX} characters of text`);
    }
    const steps = this.#steps;
    if (steps !== null && Object.hasOwn(steps, stepId)) return steps[stepId];
    if (this.#stepIds!.size > STEPS_MAX) {
      throw codedError("FAILED", `An attempt may have at most ${STEPS_MAX} steps`);
    }
    const startedAt = this.traceparent === null ? 0 : clockTime();
    const output = await this.#perform(stepId, perform, startedAt);
    const times = this.traceparent === null ? "null" : `[${startedAt},${clockTime()}]`;
    await this.outlet.sendStep(this.$seq, stepId, output, times);
    // What the next attempt would get, so that both see the same value.
    return JSON.parse(output);
  }

  /** JSON text of what the step returns. That a step failed concerns its trace only. */
  async #perform(stepId: string, perform: () => unknown, startedAt: number): Promise<string> {
    try {
      return this.outlet.toJson(await perform(), `step ${JSON.stringify(stepId)}`);
    } catch (error) {
      if (this.traceparent !== null && !this.isOver) {
        const [id, code] = [JSON.stringify(stepId), JSON.stringify(toFailure(error).code)];
        const times = `[${startedAt},${clockTime()}]`;
        this.outlet.send(`[${ITEM.STEP_FAILED},${this.$seq},${id},${code},${times}]`);
      }
      throw error;
    }
  }
}

/** Epoch milliseconds with fractions: steps take less than one. Never goes back. */
function clockTime(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000) / 1_000;
}

function repeatedStep(stepId: string): Error {
  return codedError(
    "STEP_REPEATED",
    `Step id ${JSON.stringify(stepId)} is used again in the same attempt; ` +
      "give each step its own id, for instance `fetch-${n}`",
  );
}

function unsupported(name: string, instead: string): never {
  throw codedError("NOT_SUPPORTED", `${name} is not available in this version; use ${instead}`);
}
