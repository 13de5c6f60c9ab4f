/** A part of a program that is started and stopped in its place in the order. */
export interface Stage {
  /** What it does, for whoever watches: `heartbeat and election`. */
  name: string;
  start?: () => Promise<void>;
  stop?: () => Promise<void>;
}

/** Progress through the stages, from 1 to `count`. */
export interface StageNews {
  direction: "start" | "stop";
  number: number;
  count: number;
  name: string;
}

/**
 * Starts parts in order and stops them in the opposite order. When one cannot start, those before it
 * are stopped; when one cannot stop, those before it are stopped all the same.
 */
export class Stages {
  readonly #stages: readonly Stage[];
  readonly #onNews: (news: StageNews) => void;
  /** How many are started. */
  #started = 0;
  #stopping: Promise<void> | null = null;

  constructor(stages: readonly Stage[], onNews: (news: StageNews) => void = () => {}) {
    this.#stages = stages;
    this.#onNews = onNews;
  }

  /** Rejects with what kept a stage from starting, once those before it are stopped. */
  async start(): Promise<void> {
    for (const stage of this.#stages) {
      this.#tell("start", this.#started + 1, stage);
      try {
        await stage.start?.();
      } catch (error) {
        await this.stop().catch(() => {});
        throw error;
      }
      this.#started++;
    }
  }

  /** Rejects with the first error, once all are stopped. Asked twice, it stops them once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll().finally(() => this.#stopping = null);
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (; this.#started > 0; this.#started--) {
      const stage = this.#stages[this.#started - 1]!;
      this.#tell("stop", this.#started, stage);
      await stage.stop?.().catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }

  #tell(direction: StageNews["direction"], number: number, { name }: Stage): void {
    this.#onNews({ direction, number, count: this.#stages.length, name });
  }
}
