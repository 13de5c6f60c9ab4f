/**
 * What an agent's `run(input, ctx)` gets as `ctx`. Runs inside the worker.
 *
 * @module
 */
import { ITEM, LOG_LEVELS } from "../../../actors/frames.ts";
import { codedError } from "./failure.ts";

/** One attempt as the worker knows it. */
export interface Work {
  seq: number;
  runId: string;
  task: string;
  index: number;
  attempt: number;
  capability: string | null;
  steps: Record<string, unknown> | null;
}

/** What a context needs of the worker's boot code. */
export interface Outlet {
  /** Sends JSON text of one item soon. */
  send(item: string): void;
  /** Sends a step; resolves when the node has it durably. */
  sendStep(seq: number, stepId: string, output: string): Promise<void>;
  /** JSON text of a result. Throws a coded error when it is none or too large. */
  toJson(value: unknown, what: string): string;
}

const PROGRESS_EVERY_MS = 50;
const LOGS_PER_SECOND = 20;
const LOGS_BURST = 100;
const TEXT_CHARS_MAX = 4_096;
const FIELDS_CHARS_MAX = 16_384;
const STEP_ID_CHARS_MAX = 256;
const STEPS_MAX = 10_000;

type Fields = Record<string, unknown>;

/** One per attempt; everything beyond the fields is made when it is first used. */
export class Context {
  readonly run: { id: string };
  readonly task: string;
  readonly index: number;
  readonly attempt: number;
  readonly capability: string | null;
  readonly #work: Work;
  readonly #outlet: Outlet;
  #controller: AbortController | null = null;
  #aborted: Error | null = null;
  #log: Record<string, (message: unknown, fields?: Fields) => void> | null = null;
  #logBudget = LOGS_BURST;
  #logFilledAt = 0;
  #logsDropped = 0;
  #progressAt = -Infinity;
  #progressItem: string | null = null;
  #stepIds: Set<string> | null = null;
  #isOver = false;

  constructor(work: Work, outlet: Outlet) {
    this.run = { id: work.runId };
    this.task = work.task;
    this.index = work.index;
    this.attempt = work.attempt;
    this.capability = work.capability;
    this.#work = work;
    this.#outlet = outlet;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted !== null) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  get log(): Record<string, (message: unknown, fields?: Fields) => void> {
    return this.#log ??= Object.fromEntries(
      LOG_LEVELS.map((name, level) => [
        name,
        (message: unknown, fields?: Fields) => this.#write(level, message, fields),
      ]),
    );
  }

  progress = (fraction: unknown, message: unknown = ""): void => {
    if (this.#isOver) return;
    const part = typeof fraction === "number" && Number.isFinite(fraction)
      ? Math.min(1, Math.max(0, fraction))
      : null;
    const text = JSON.stringify(String(message).slice(0, TEXT_CHARS_MAX));
    const isWaiting = this.#progressItem !== null;
    this.#progressItem = `[${ITEM.PROGRESS},${this.#work.seq},${part},${text}]`;
    if (isWaiting) return;
    const waitMs = this.#progressAt + PROGRESS_EVERY_MS - performance.now();
    if (waitMs <= 0) this.#sendProgress();
    else setTimeout(() => this.#sendProgress(), waitMs);
  };

  /** The boot code answers the node's pings; this only gives it the chance to. */
  heartbeat = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

  sleep = (ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const { signal } = this;
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal.addEventListener("abort", onAbort, { once: true });
    });

  step = async (stepId: string, perform: () => unknown): Promise<unknown> => {
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

  tool = () => unsupported("ctx.tool", "import what the agent needs, or use `ctx.step`");
  model = () => unsupported("ctx.model", "`fetch` with a `net` permission");
  fetch = () => unsupported("ctx.fetch", "the global `fetch` with a `net` permission");
  ask = () => unsupported("ctx.ask", "a task of the workflow and its output");
  tell = () => unsupported("ctx.tell", "a task of the workflow and its output");
  emit = () => unsupported("ctx.emit", "a task of the workflow and its output");

  /** For the boot code: nothing is said after the end. */
  static end(context: Context): void {
    if (context.#progressItem !== null) context.#sendProgress();
    if (context.#logsDropped > 0) {
      const text = JSON.stringify(
        `${context.#logsDropped} log lines were dropped: too many a second`,
      );
      context.#outlet.send(`[${ITEM.LOG},${context.#work.seq},2,${text},null]`);
    }
    context.#isOver = true;
  }

  /** For the boot code: `ctx.signal` aborts with `reason`. */
  static abort(context: Context, reason: Error): void {
    context.#aborted ??= reason;
    context.#controller?.abort(reason);
  }

  #sendProgress(): void {
    if (this.#progressItem === null || this.#isOver) return;
    this.#progressAt = performance.now();
    this.#outlet.send(this.#progressItem);
    this.#progressItem = null;
  }

  #write(level: number, message: unknown, fields?: Fields): void {
    if (this.#isOver) return;
    if (!this.#mayLog()) return void this.#logsDropped++;
    const text = JSON.stringify(String(message).slice(0, TEXT_CHARS_MAX));
    this.#outlet.send(`[${ITEM.LOG},${this.#work.seq},${level},${text},${toFields(fields)}]`);
  }

  /** Token bucket: a burst, then a steady rate. */
  #mayLog(): boolean {
    const now = performance.now();
    const refill = (now - this.#logFilledAt) / 1_000 * LOGS_PER_SECOND;
    this.#logBudget = Math.min(LOGS_BURST, this.#logBudget + refill);
    this.#logFilledAt = now;
    if (this.#logBudget < 1) return false;
    this.#logBudget--;
    return true;
  }

  async #step(stepId: string, perform: () => unknown): Promise<unknown> {
    if (typeof stepId !== "string" || stepId === "" || stepId.length > STEP_ID_CHARS_MAX) {
      throw codedError("FAILED", `Step id must be 1 to ${STEP_ID_CHARS_MAX} characters of text`);
    }
    const { steps } = this.#work;
    if (steps !== null && Object.hasOwn(steps, stepId)) return steps[stepId];
    if (this.#stepIds!.size > STEPS_MAX) {
      throw codedError("FAILED", `An attempt may have at most ${STEPS_MAX} steps`);
    }
    const output = this.#outlet.toJson(await perform(), `step ${JSON.stringify(stepId)}`);
    await this.#outlet.sendStep(this.#work.seq, stepId, output);
    // What the next attempt would get, so that both see the same value.
    return JSON.parse(output);
  }
}

function toFields(fields: Fields | undefined): string {
  if (fields === undefined || fields === null) return "null";
  try {
    const text = JSON.stringify(fields);
    return text.startsWith("{") && text.length <= FIELDS_CHARS_MAX ? text : "null";
  } catch {
    return "null";
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
