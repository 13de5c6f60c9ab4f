import type { ClusterWorld } from "./cluster_world.ts";

/** Thrown where a process dies in the middle of what it does. */
const DIES = Symbol("the process dies");

/** Clocks of one machine: a monotonic one that runs at its own rate, a wall clock that jumps. */
export class MachineClock {
  readonly #world: ClusterWorld;
  readonly #startedAt: number;
  /** Local milliseconds in a true one. */
  readonly rate: number;
  wallOffsetMs: number;

  constructor(world: ClusterWorld, options: { rate: number; wallOffsetMs: number }) {
    this.#world = world;
    this.rate = options.rate;
    this.wallOffsetMs = options.wallOffsetMs;
    this.#startedAt = world.random.int(0, 1_000_000);
  }

  /** Means nothing on another machine. */
  monotonic(): number {
    return this.#startedAt + this.#world.at * this.rate;
  }

  /** Epoch milliseconds, as far as the machine knows. */
  wall(): number {
    return Math.floor(1_000_000 + this.#world.at * this.rate + this.wallOffsetMs);
  }
}

/**
 * A process: it may be stopped, and then all that reaches it waits; it may be killed, and then
 * nothing reaches it any more.
 */
export class SimProcess {
  readonly world: ClusterWorld;
  readonly clock: MachineClock;
  isUp = true;
  isStopped = false;
  /** Probability to die at a point where it hurts. */
  crashiness = 0;
  /** Called when it dies by itself. */
  onDeath: () => void = () => {};
  #waiting: (() => void)[] = [];

  constructor(world: ClusterWorld, clock: MachineClock) {
    this.world = world;
    this.clock = clock;
  }

  /** Something reaches the process: it acts on it now, or when it goes on. */
  deliver(act: () => void): void {
    if (!this.isUp) return;
    if (this.isStopped) {
      this.#waiting.push(act);
      return;
    }
    try {
      act();
    } catch (error) {
      if (error !== DIES) throw error;
      this.world.count("dies between two writes");
      this.onDeath();
    }
  }

  /** Runs `act` after so long by the process's own clock. */
  after(localMs: number, act: () => void): void {
    this.world.after(localMs / this.clock.rate, () => this.deliver(act));
  }

  /** A point between two effects. */
  mayDie(): void {
    if (this.crashiness > 0 && this.world.random.chance(this.crashiness)) throw DIES;
  }

  stop(): void {
    this.isStopped = true;
  }

  /** Whatever came meanwhile is acted on now, in order. */
  go(): void {
    this.isStopped = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const [place, act] of waiting.entries()) {
      if (!this.isUp) return;
      if (this.isStopped) {
        this.#waiting.push(...waiting.slice(place));
        return;
      }
      this.deliver(act);
    }
  }

  kill(): void {
    this.isUp = false;
    this.#waiting = [];
  }
}
