import { toPlainText } from "../../actors/frames.ts";
import {
  activateAt,
  createDynamicSupervisor,
  type DynamicSupervisor,
  recordCrash,
} from "../../actors/supervision/mod.ts";
import type { ErrorData } from "../../core/errors.ts";

/** How virtual actors are restarted that crash. */
const VIRTUAL = {
  delay: { initialMs: 100, factor: 2, maxMs: 30_000 },
  healthyMs: 10_000,
  keysMax: 10_000,
};
/** Characters of the reason of a crash that the tree keeps. */
const REASON_CHARS_MAX = 500;

/** One instance of a definition, and what ended it. */
export interface VirtualCrash {
  /** Name of the definition. */
  name: string;
  key: string | null;
  /** When the instance had started; `null` when it did not get that far. */
  startedAt: number | null;
  error: ErrorData;
}

export interface VirtualRestartsOptions {
  /** Epoch milliseconds. */
  now(): number;
  /** Uniform in `[0, 1)`: jitters the delays. */
  random(): number;
}

/** When virtual actors that crashed come up again: a supervisor for each definition of which one did. */
export class VirtualRestarts {
  readonly #options: VirtualRestartsOptions;
  readonly #supervisors = new Map<string, DynamicSupervisor>();

  constructor(options: VirtualRestartsOptions) {
    this.#options = options;
  }

  all(): Iterable<DynamicSupervisor> {
    return this.#supervisors.values();
  }

  record({ name, key, startedAt, error: { code, message } }: VirtualCrash): void {
    let supervisor = this.#supervisors.get(name);
    if (supervisor === undefined) {
      supervisor = createDynamicSupervisor({ actor: name, ...VIRTUAL });
      this.#supervisors.set(name, supervisor);
    }
    const error = { code, message: toPlainText(message, REASON_CHARS_MAX) };
    recordCrash(supervisor, {
      key: key ?? "",
      at: this.#options.now(),
      startedAt,
      reason: { type: "crash", error },
      random: this.#options.random(),
    });
  }

  /** How long an instance must stay down yet, in milliseconds; 0 or less: it may come up. */
  delayMs(name: string, key: string | null): number {
    const supervisor = this.#supervisors.get(name);
    if (supervisor === undefined || key === null) return 0;
    return activateAt(supervisor, key) - this.#options.now();
  }

  /** What the instance crashed of last, if it did. */
  lastError(name: string, key: string | null): ErrorData | null {
    const reason = this.#supervisors.get(name)?.records.get(key ?? "")?.reason;
    return reason?.type === "crash" ? reason.error : null;
  }
}
