/** Something about the cluster that whoever runs the node may want to know. */
export interface Notice {
  type:
    | "new-store"
    | "lead"
    | "suspend"
    | "resume"
    | "step-down"
    | "hand-over"
    | "fenced"
    | "surrender"
    | "error";
  partition?: number;
  term?: number;
  /** Open runs that came with the partition. */
  runs?: number;
  message?: string;
}

/** The same failure is told so often at most. */
const FAILURE_EVERY_MS = 10_000;
const FAILURES_MAX = 100;

/** Tells what goes on in a node; what goes on failing is told now and then. */
export class NodeNotices {
  readonly #onNotice: (notice: Notice) => void;
  readonly #now: () => number;
  /** When what was told last, by message. */
  readonly #toldAt = new Map<string, number>();

  /** @param now monotonic, in milliseconds */
  constructor(onNotice: (notice: Notice) => void, now: () => number = () => performance.now()) {
    this.#onNotice = onNotice;
    this.#now = now;
  }

  tell(notice: Notice): void {
    this.#onNotice(notice);
  }

  fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const now = this.#now();
    if (now - (this.#toldAt.get(message) ?? -Infinity) < FAILURE_EVERY_MS) return;
    if (this.#toldAt.size >= FAILURES_MAX) this.#toldAt.clear();
    this.#toldAt.set(message, now);
    this.tell({ type: "error", message });
  }
}
