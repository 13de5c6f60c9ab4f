/**
 * The group commit of an actor system: while one is written, the next one is collected. What must
 * not be seen before it is durable is an effect, and runs behind its commit.
 *
 * @module
 */
import type { ActorCommit, ActorStore, ActorUnit, SystemFence } from "../../core/actor_ports.ts";
import type { Json } from "../../core/json.ts";

type Effect = () => void;

/** Writes that become durable together; open until its commit is put together. */
export interface Unit<Event> extends ActorUnit<Event> {
  log: Event[];
  states: { address: string; version: number; state: string | null }[];
  dead: { id: string; letter: Json }[];
  deadGone: string[];
  handledWishes: string[];
  history: { topic: string; offset: number; message: Json }[];
}

export interface LedgerOptions<Event> {
  store: ActorStore<Event>;
  fence: SystemFence;
  /** Last chance to add to the commit that is put together now, whose number is given. */
  onTurn(): void;
  /** What is written beside the units. */
  extras(): Pick<ActorCommit<Event>, "historyTrim" | "tree" | "trimTo">;
  /** The commit is durable; `segment` is the first that it wrote. */
  onDurable(segment: number): void;
  /** Somebody else leads the system, or the store is gone for good. Nothing is written any more. */
  onLost(error: unknown): void;
}

export class Ledger<Event> {
  readonly #options: LedgerOptions<Event>;
  #units: Unit<Event>[] = [];
  #effects: Effect[] = [];
  #isTurnDue = false;
  #isCommitting = false;
  #isStopped = false;
  #mustWrite = false;
  #idle = Promise.withResolvers<void>();

  constructor(options: LedgerOptions<Event>) {
    this.#options = options;
  }

  /** A new unit of the commit that is collected now. */
  open(): Unit<Event> {
    const unit: Unit<Event> = {
      log: [],
      states: [],
      dead: [],
      deadGone: [],
      handledWishes: [],
      history: [],
    };
    this.#units.push(unit);
    this.wake();
    return unit;
  }

  /** Runs `effect` once all that is collected now is durable. */
  after(effect: Effect): void {
    this.#effects.push(effect);
    this.wake();
  }

  /** Writes what {@linkcode LedgerOptions.extras} say, also when there is nothing else. */
  touch(): void {
    this.#mustWrite = true;
    this.wake();
  }

  wake(): void {
    if (this.#isTurnDue || this.#isStopped) return;
    this.#isTurnDue = true;
    queueMicrotask(() => this.#turn());
  }

  /** Resolves once everything collected so far is durable. */
  async settled(): Promise<void> {
    while ((this.#isTurnDue || this.#isCommitting) && !this.#isStopped) await this.#idle.promise;
  }

  async stop(): Promise<void> {
    await this.settled();
    this.#isStopped = true;
  }

  #turn(): void {
    this.#isTurnDue = false;
    if (this.#isStopped || this.#isCommitting) return;
    this.#options.onTurn();
    if (this.#units.length === 0 && this.#effects.length === 0 && !this.#mustWrite) {
      return this.#rest();
    }
    this.#isCommitting = true;
    void this.#commit();
  }

  async #commit(): Promise<void> {
    const effects = this.#effects;
    const units = this.#units.filter(isFilled);
    const extras = units.length > 0 || this.#mustWrite ? this.#options.extras() : null;
    this.#effects = [];
    this.#units = [];
    this.#mustWrite = false;
    try {
      if (extras !== null) this.#options.onDurable(await this.#write({ units, ...extras }));
    } catch (error) {
      this.#isStopped = true;
      this.#isCommitting = false;
      this.#rest();
      return this.#options.onLost(error);
    }
    for (const effect of effects) effect();
    this.#isCommitting = false;
    this.#turn();
  }

  async #write(commit: ActorCommit<Event>): Promise<number> {
    return await this.#options.store.commit(this.#options.fence, commit);
  }

  #rest(): void {
    this.#idle.resolve();
    this.#idle = Promise.withResolvers<void>();
  }
}

function isFilled<Event>(unit: Unit<Event>): boolean {
  return unit.log.length + unit.states.length + unit.dead.length + unit.deadGone.length +
      unit.handledWishes.length + unit.history.length > 0;
}
