import type { StartAttempts } from "./commands.ts";

type Capacity = StartAttempts["capacity"];

/** Places as they are told, less those that this decision has given away. */
export class Overlay implements Capacity {
  readonly #left = new Map<string, number>();
  readonly #given: string[] = [];

  constructor(readonly base: Capacity) {}

  get(agent: string): number | undefined {
    return this.#left.get(agent) ?? this.base.get(agent);
  }

  /** Agents of which a place was given away, in that order. */
  get given(): readonly string[] {
    return this.#given;
  }

  /** Free places of the agent; 0 for one that is not known. */
  readonly free = (agent: string): number => this.get(agent) ?? 0;

  /** Gives one place of the agent away. */
  take(agent: string): void {
    this.#left.set(agent, this.free(agent) - 1);
    this.#given.push(agent);
  }
}
