/**
 * What an agent's `run(input, ctx)` gets as `ctx`. Runs inside the worker.
 *
 * @module
 */
import { ITEM } from "../../../actors/frames.ts";
import { codedError } from "./failure.ts";
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
    const output = this.outlet.toJson(await perform(), `step ${JSON.stringify(stepId)}`);
    await this.outlet.sendStep(this.$seq, stepId, output);
    // What the next attempt would get, so that both see the same value.
    return JSON.parse(output);
  }
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
