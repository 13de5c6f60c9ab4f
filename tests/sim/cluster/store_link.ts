import type { SimProcess } from "./sim_process.ts";

/** What the way between nodes and the store does to requests; probabilities, of each request. */
export interface LinkFaults {
  lostRequest: number;
  /** It was done, and nobody hears of it. */
  lostAnswer: number;
  /** It is done twice. */
  doubled: number;
  /** It, or its answer, comes long after nobody waits for it any more. */
  late: number;
  /** Of one way. */
  latencyMsMax: number;
  /** On top, for what is written. */
  diskMsMax: number;
}

/** State of the store that all ways to it share. */
export interface StoreHealth {
  /** True instant until which nothing is done. */
  lockedUntil: number;
}

/** What came of a request. */
export interface Reply<T> {
  done: (result: T) => void;
  /** Nobody knows whether it was done. */
  failed: () => void;
}

/** One process's way to the store. */
export class StoreLink {
  readonly #process: SimProcess;
  readonly #faults: () => LinkFaults;
  readonly #health: StoreHealth;
  /** True instant until which nothing passes. */
  cutUntil = 0;

  constructor(process: SimProcess, faults: () => LinkFaults, health: StoreHealth) {
    this.#process = process;
    this.#faults = faults;
    this.#health = health;
  }

  /** Sends `act` to the store, where it is done at one instant. */
  call<T>(kind: "read" | "write", act: () => T, reply: Reply<T>): void {
    this.#process.mayDie();
    const { world } = this.#process;
    const { random } = world;
    const faults = this.#faults();
    const deadline = world.at + random.int(300, 900);
    const isLate = random.chance(faults.late);
    let isOver = false;
    const fail = () =>
      world.after(deadline - world.at, () => {
        if (isOver) return;
        isOver = true;
        world.count("store gave no answer");
        this.#process.deliver(reply.failed);
      });
    const answer = (result: T) => {
      if (this.#isCut() || random.chance(faults.lostAnswer)) return fail();
      const lateMs = isLate && random.chance(0.5) ? random.int(200, 1_500) : 0;
      world.after(this.#latency() + lateMs, () => {
        if (isOver) return;
        if (world.at > deadline || this.#isCut()) return fail();
        isOver = true;
        this.#process.deliver(() => reply.done(result));
      });
    };
    if (this.#isCut() || random.chance(faults.lostRequest)) return fail();
    const diskMs = kind === "write" && faults.diskMsMax > 0 ? random.int(0, faults.diskMsMax) : 0;
    const lateMs = isLate ? random.int(200, 3_000) : 0;
    const arrive = () => {
      const { lockedUntil } = this.#health;
      if (lockedUntil > world.at) return world.after(lockedUntil - world.at + diskMs, arrive);
      answer(act());
    };
    world.after(this.#latency() + diskMs + lateMs, arrive);
    if (isLate || this.#health.lockedUntil > world.at) fail();
    if (random.chance(faults.doubled)) world.after(random.int(1, 600), act);
  }

  #isCut(): boolean {
    return this.cutUntil > this.#process.world.at;
  }

  #latency(): number {
    return 0.2 + this.#process.world.random.next() * this.#faults().latencyMsMax;
  }
}
