/**
 * What the `ctx` of an attempt and that of a message have in common. Runs inside the worker.
 *
 * @module
 */
import { ITEM, LOG_LEVELS } from "../../../actors/frames.ts";
import type { Messenger, UserSendOptions } from "./messenger.ts";
import type { Recalls } from "./recalls.ts";

/** What a context needs of the worker's boot code. */
export interface Outlet {
  /** Sends JSON text of one item soon. */
  send(item: string): void;
  /** Sends a step, all JSON text; resolves when the node has it durably. */
  sendStep(seq: number, stepId: string, output: string, times: string): Promise<void>;
  /** JSON text of a result. Throws a coded error when it is none or too large. */
  toJson(value: unknown, what: string): string;
  readonly messenger: Messenger;
  readonly recalls: Recalls;
}

const LOGS_PER_SECOND = 20;
const LOGS_BURST = 100;
export const TEXT_CHARS_MAX = 4_096;
const FIELDS_CHARS_MAX = 16_384;

type Fields = Record<string, unknown>;
type Log = Record<string, (message: unknown, fields?: Fields) => void>;

/** Log lines that a context may still write: a token bucket, a burst, then a steady rate. */
interface LogBudget {
  left: number;
  filledAt: number;
  dropped: number;
}

/** Everything beyond the fields is made when it is first used: most work needs none of it. */
export class WorkContext {
  /** For the boot code. */
  readonly $seq: number;
  protected readonly outlet: Outlet;
  protected isOver = false;
  #controller: AbortController | null = null;
  #aborted: Error | null = null;
  #log: Log | null = null;
  #budget: LogBudget | null = null;

  constructor(seq: number, outlet: Outlet) {
    this.$seq = seq;
    this.outlet = outlet;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted !== null) this.#controller.abort(this.#aborted);
    }
    return this.#controller.signal;
  }

  get log(): Log {
    return this.#log ??= Object.fromEntries(
      LOG_LEVELS.map((name, level) => [
        name,
        (message: unknown, fields?: Fields) => this.#write(level, message, fields),
      ]),
    );
  }

  /** For the boot code: the actor instance that sends; an agent has but one address. */
  get $address(): string | undefined {
    return undefined;
  }

  // Getters, so that `const { tell } = ctx` works and work that sends nothing pays nothing.
  get tell() {
    return (to: string, type: string, payload?: unknown, options?: UserSendOptions) =>
      this.outlet.messenger.tell(
        this.$requireSeq(),
        to,
        type,
        payload,
        options,
        this.$address,
      );
  }

  get ask() {
    return (to: string, type: string, payload?: unknown, options?: UserSendOptions) =>
      this.outlet.messenger.ask(
        this.$requireSeq(),
        to,
        type,
        payload,
        options,
        this.$address,
      );
  }

  get emit() {
    return (topic: string, payload?: unknown, options?: UserSendOptions) =>
      this.outlet.messenger.tell(this.$requireSeq(), `topic:${topic}`, "event", payload, options);
  }

  get actor() {
    return (name: string, key?: string) => {
      const address = key === undefined ? `actor://${name}` : `actor://${name}/${key}`;
      return {
        address,
        ask: (type: string, payload?: unknown, options?: UserSendOptions) =>
          this.ask(address, type, payload, options),
        tell: (type: string, payload?: unknown, options?: UserSendOptions) =>
          this.tell(address, type, payload, options),
      };
    };
  }

  /** The boot code answers the node's pings; this only gives it the chance to. */
  get heartbeat() {
    return (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
  }

  get sleep() {
    return (ms: number): Promise<void> =>
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
  }

  /** For the boot code: nothing is said after the end. */
  $end(): void {
    const dropped = this.#budget?.dropped ?? 0;
    if (dropped > 0) {
      const text = JSON.stringify(`${dropped} log lines were dropped: too many a second`);
      this.outlet.send(`[${ITEM.LOG},${this.$seq},2,${text},null]`);
    }
    this.isOver = true;
  }

  /** For the boot code: `ctx.signal` aborts with `reason`. */
  $abort(reason: Error): void {
    this.#aborted ??= reason;
    this.#controller?.abort(reason);
  }

  /** Messages are sent in the name of work that is under way. */
  $requireSeq(): number {
    return this.isOver ? -1 : this.$seq;
  }

  #write(level: number, message: unknown, fields?: Fields): void {
    if (this.isOver || !this.#mayLog()) return;
    const text = JSON.stringify(String(message).slice(0, TEXT_CHARS_MAX));
    this.outlet.send(`[${ITEM.LOG},${this.$seq},${level},${text},${toFields(fields)}]`);
  }

  #mayLog(): boolean {
    const budget = this.#budget ??= { left: LOGS_BURST, filledAt: 0, dropped: 0 };
    const now = performance.now();
    const refill = (now - budget.filledAt) / 1_000 * LOGS_PER_SECOND;
    budget.left = Math.min(LOGS_BURST, budget.left + refill);
    budget.filledAt = now;
    if (budget.left < 1) {
      budget.dropped++;
      return false;
    }
    budget.left--;
    return true;
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
