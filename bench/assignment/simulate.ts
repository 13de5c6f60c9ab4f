/**
 * Plays a world against a policy, event by event: tasks arrive, wait for a place at the agent that
 * was chosen, are worked on, end. Only at its end is an outcome told, and only that of the agent
 * that was chosen. No clock and no draw of its own: the same world and policy give the same result.
 *
 * @module
 */
import { Heap } from "../../core/heap.ts";
import type { Candidate, Choice, Ended, Policy } from "./policy.ts";
import { offers, type Outcome, type World, type WorldAgent, type WorldTask } from "./world.ts";

/**
 * A task that nobody could do for so long fails: `assign.wait` of a workflow file. That nobody has a
 * place free is no reason.
 */
const WAIT_MS = 10 * 60_000;

/** What came of a world under a policy. */
export interface Played {
  /** By the position of the task: 1 where it succeeded. */
  successes: Uint8Array;
  /** Waiting and attempt, of each task that was attempted. */
  latenciesMs: number[];
  costUsd: number;
  /** Choices of an agent that does not offer the capability, or cannot take the task. */
  infeasible: number;
  /** Tasks that nobody was given. */
  abstained: number;
  /** Time that each decision took. */
  decisionsMs: number[];
}

interface Place {
  agent: WorldAgent;
  inFlight: number;
  queue: Waiting[];
}

interface Waiting {
  position: number;
  task: WorldTask;
  /** When it fails because nobody can; absent: somebody could, so far. */
  giveUpAt?: number;
}

/** A task that was given to nobody yet. */
interface Pending extends Waiting {
  /** The agent that is waited for; `null`: any. */
  agent: string | null;
  askAgainAt: number;
}

type Happening =
  | { kind: "end"; place: Place; work: Waiting; outcome: Outcome; startedAt: number }
  | { kind: "again" };

/** Plays a world; `stopwatch` gives monotonic milliseconds for the time of decisions. */
export function simulate(world: World, policy: Policy, stopwatch: () => number): Played {
  return new Simulation(world, policy, stopwatch).play();
}

class Simulation {
  readonly #world: World;
  readonly #policy: Policy;
  readonly #stopwatch: () => number;
  readonly #places: Map<string, Place>;
  readonly #offering = new Map<string, Place[]>();
  readonly #agenda = new Heap<{ at: number; order: number; what: Happening }>((a, b) =>
    a.at < b.at || a.at === b.at && a.order < b.order
  );
  readonly #played: Played;
  #pending: Pending[] = [];
  #order = 0;
  #now = 0;

  constructor(world: World, policy: Policy, stopwatch: () => number) {
    this.#world = world;
    this.#policy = policy;
    this.#stopwatch = stopwatch;
    this.#places = new Map(
      world.agents.map((agent) => [agent.name, { agent, inFlight: 0, queue: [] }]),
    );
    this.#played = {
      successes: new Uint8Array(world.tasks.length),
      latenciesMs: [],
      costUsd: 0,
      infeasible: 0,
      abstained: 0,
      decisionsMs: [],
    };
  }

  play(): Played {
    let arrived = 0;
    const { tasks } = this.#world;
    for (;;) {
      const next = this.#agenda.peek();
      const task = tasks[arrived];
      // At one instant what ends is told before who arrives is decided.
      if (task !== undefined && (next === undefined || task.at < next.at)) {
        this.#now = task.at;
        this.#decide({ position: arrived++, task });
      } else if (next !== undefined) {
        this.#agenda.pop();
        this.#now = next.at;
        this.#happen(next.what);
      } else return this.#played;
    }
  }

  #happen(what: Happening): void {
    if (what.kind === "end") this.#end(what);
    else this.#askAgain(({ askAgainAt }) => askAgainAt <= this.#now, () => true);
  }

  #decide(work: Waiting): void {
    const { id, capability, text, at } = work.task;
    const candidates = this.#candidatesFor(work.task);
    const startedMs = this.#stopwatch();
    const choice = this.#policy.choose({ id, capability, text, at }, candidates, this.#now);
    this.#played.decisionsMs.push(this.#stopwatch() - startedMs);
    if (choice.agent === null) return this.#defer(work, choice);
    const place = this.#places.get(choice.agent);
    if (place === undefined || !candidates.some(({ agent }) => agent.name === choice.agent)) {
      this.#played.infeasible++;
      return;
    }
    if (place.inFlight < place.agent.concurrency) this.#start(place, work);
    else place.queue.push(work);
  }

  #candidatesFor(task: WorldTask): Candidate[] {
    return this.#offeringOf(task.capability)
      .filter(({ agent }) => task.outcomes.has(agent.name))
      .map(({ agent, inFlight, queue }) => ({ agent, inFlight, queued: queue.length }));
  }

  #isAble(place: Place, { capability, outcomes }: WorldTask): boolean {
    return outcomes.has(place.agent.name) && this.#offeringOf(capability).includes(place);
  }

  #offeringOf(capability: string): Place[] {
    const known = this.#offering.get(capability);
    if (known !== undefined) return known;
    const found = [...this.#places.values()]
      .filter(({ agent }) => offers(this.#world, agent, capability));
    this.#offering.set(capability, found);
    return found;
  }

  #start(place: Place, work: Waiting): void {
    place.inFlight++;
    const outcome = work.task.outcomes.get(place.agent.name)!;
    const startedAt = this.#now;
    this.#plan(startedAt + outcome.latencyMs, { kind: "end", place, work, outcome, startedAt });
  }

  #end({ place, work, outcome, startedAt }: Happening & { kind: "end" }): void {
    const { id, capability, text } = work.task;
    const ended: Ended = {
      task: { id, capability, text, at: work.task.at },
      agent: place.agent.name,
      startedAt,
      endedAt: this.#now,
      ...outcome,
    };
    this.#played.successes[work.position] = Number(outcome.isSuccess);
    this.#played.latenciesMs.push(this.#now - work.task.at);
    this.#played.costUsd += outcome.costUsd;
    place.inFlight--;
    this.#policy.learn(ended);
    const next = place.queue.shift();
    if (next !== undefined) this.#start(place, next);
    else this.#askForWork(place);
  }

  /** Those that wait for this agent, or for anybody, while it has a place free. */
  #askForWork(place: Place): void {
    const { name, concurrency } = place.agent;
    this.#askAgain(
      ({ agent, task }) => agent === name || agent === null && this.#isAble(place, task),
      () => place.inFlight < concurrency,
    );
  }

  /** Waits for what the policy names, as the scheduler does, but not for ever if nobody can. */
  #defer(work: Waiting, choice: Choice & { agent: null }): void {
    const giveUpAt = choice.isBusy ? undefined : work.giveUpAt ?? this.#now + WAIT_MS;
    const isOver = giveUpAt !== undefined && this.#now >= giveUpAt;
    if (isOver || this.#candidatesFor(work.task).length === 0) {
      this.#played.abstained++;
      return;
    }
    // A time that has passed says that only a free place can change the answer.
    const wanted = choice.askAgainAt ?? 0;
    const askAgainAt = Math.min(wanted > this.#now ? wanted : Infinity, giveUpAt ?? Infinity);
    const { position, task } = work;
    const pending = { position, task, giveUpAt, agent: choice.waitFor ?? null, askAgainAt };
    this.#pending.push(pending);
    if (askAgainAt < Infinity) this.#plan(askAgainAt, { kind: "again" });
  }

  /** Asks again for those that are meant, in the order of their arrival, while `goesOn`. */
  #askAgain(isMeant: (pending: Pending) => boolean, goesOn: () => boolean): void {
    const before = this.#pending;
    let next = 0;
    // Who has to wait on goes to the end of the list, so that it stays in order.
    this.#pending = [];
    for (; next < before.length && goesOn(); next++) {
      const each = before[next]!;
      if (isMeant(each)) this.#decide(each);
      else this.#pending.push(each);
    }
    for (; next < before.length; next++) this.#pending.push(before[next]!);
  }

  #plan(at: number, what: Happening): void {
    this.#agenda.push({ at, order: this.#order++, what });
  }
}
