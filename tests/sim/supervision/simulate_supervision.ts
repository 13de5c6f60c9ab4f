/**
 * One drawn tree under the real decider, with simulated time, actors, operators and faults. The same
 * seed gives the same events.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  completeActorChild,
  type RestartType,
  type SupervisionEvent,
  type SupervisionState,
  viewTree,
  wanted,
} from "../../../actors/supervision/mod.ts";
import { nodesOf, type ShortCommand, TestTree } from "../../supervision_kit.ts";
import { SeededRandom } from "../../seeded_random.ts";
import { ActorWorld } from "./actor_world.ts";
import { drawTree } from "./random_tree.ts";
import { SupervisionCheckers } from "./supervision_checkers.ts";

/** More steps than any drawn world can need. */
const STEPS_MAX = 20_000;
const STORM_MS = 20_000;

/**
 * A defect, planted to see whether the checkers see it. One that changes commands or the state is
 * left to the checkers: the state is not compared with its fold.
 */
export interface Defect {
  /** Changes a command before it is decided, or the state. */
  command?: (command: ShortCommand, state: SupervisionState) => ShortCommand;
  /** Changes the state after each command. */
  state?: (state: SupervisionState) => void;
  /** Changes the journal before it is folded. */
  journal?: (events: SupervisionEvent[]) => SupervisionEvent[];
}

/** Runs one seed to its end and returns the events. */
export function simulateSupervision(seed: number, defect: Defect = {}): SupervisionEvent[] {
  return new Simulation(seed, defect).run();
}

class Simulation {
  readonly #random: SeededRandom;
  readonly #defect: Defect;
  readonly #tree: TestTree;
  readonly #checkers: SupervisionCheckers;
  readonly #world: ActorWorld;
  #seen = 0;
  #added = 0;
  #wakeAt: number | null = null;

  constructor(seed: number, defect: Defect) {
    this.#random = new SeededRandom(seed);
    this.#defect = defect;
    this.#tree = new TestTree(drawTree(this.#random));
    this.#checkers = new SupervisionCheckers(structuredClone(this.#tree.spec));
    this.#world = new ActorWorld(this.#random, (command) => this.#decide(command));
  }

  run(): SupervisionEvent[] {
    this.#decide({ type: "Start" });
    this.#world.schedule(1, () => this.#disturb());
    this.#world.schedule(500, () => this.#lookAround());
    this.#world.schedule(STORM_MS, () => this.#calmDown());
    let steps = 0;
    while (this.#world.step()) assert.ok(++steps < STEPS_MAX, "the tree does not come to rest");
    this.#checkFold();
    this.#checkRest();
    return this.#tree.events;
  }

  #decide(command: ShortCommand, skewMs = 0): void {
    const { command: change = (same) => same, state: spoil } = this.#defect;
    this.#tree.at = Math.max(0, this.#world.now + skewMs);
    const random = this.#random.next();
    this.#tree.try({ ...change(command, this.#tree.state), random });
    for (; this.#seen < this.#tree.events.length; this.#seen++) {
      this.#checkers.see(this.#tree.events[this.#seen]!);
    }
    spoil?.(this.#tree.state);
    const { effects, wakeAt, ending } = wanted(this.#tree.state);
    this.#world.act(effects);
    if (ending !== null) assert.deepEqual(this.#world.living, [], "the tree left actors behind");
    this.#wakeUpAt(wakeAt);
  }

  #wakeUpAt(wakeAt: number | null): void {
    if (wakeAt === null || wakeAt === this.#wakeAt) return;
    this.#wakeAt = wakeAt;
    this.#world.schedule(Math.max(0, wakeAt - this.#world.now), () => {
      this.#wakeAt = null;
      this.#decide({ type: "FireTimers" });
    });
  }

  /** Whoever reports finds again what got lost. */
  #lookAround(): void {
    this.#world.lookAround(viewTree(this.#tree.state));
    if (!this.#world.isCalm) this.#world.schedule(500, () => this.#lookAround());
  }

  #disturb(): void {
    if (this.#world.isCalm) return;
    const drawn = this.#random.next();
    if (drawn < 0.3) this.#world.repeatOldReport();
    else if (drawn < 0.4) this.#decide({ type: "FireTimers" }, -this.#random.int(0, 5_000));
    else if (drawn < 0.45) this.#world.now += this.#random.int(0, 10_000);
    else if (drawn < 0.5) this.#decide({ type: "Stop" });
    else if (drawn < 0.55) this.#decide({ type: "Stop", shutdownMs: this.#random.int(0, 500) });
    else if (drawn < 0.7) this.#decide({ type: "Start" });
    else if (drawn < 0.75) this.#checkFold();
    else this.#operate();
    this.#world.schedule(this.#random.int(1, 1_500), () => this.#disturb());
  }

  #operate(): void {
    const nodes = nodesOf(viewTree(this.#tree.state));
    const down = nodes.filter(({ status }) => status === "stopped");
    const isDownFirst = down.length > 0 && this.#random.chance(0.6);
    const { id } = this.#random.pick(isDownFirst ? down : nodes);
    const type = this.#random.pick(
      ["TerminateChild", "RestartChild", "RestartChild", "DeleteChild", "StartChild"] as const,
    );
    if (type !== "StartChild") return this.#decide({ type, id });
    const supervisor = this.#random.pick(nodes.filter(({ kind }) => kind === "supervisor")).id;
    const restart = this.#random.pick<RestartType>(["permanent", "transient", "temporary"]);
    const key = `n${++this.#added}`;
    const child = completeActorChild({ actor: "x", key, id: key, restart });
    this.#decide({ type, supervisor, child });
  }

  #calmDown(): void {
    this.#world.isCalm = true;
    // Twice: what is found first may be that a start had been reported in vain.
    for (const delayMs of [5_000, 10_000]) this.#world.schedule(delayMs, () => this.#lookAround());
  }

  /** The events say all: folding them gives what the decider believes. */
  #checkFold(): void {
    const { journal = (same) => same, command, state: spoil } = this.#defect;
    if (command !== undefined || spoil !== undefined) return;
    const { events, state } = this.#tree;
    const kept = [...events];
    events.splice(0, events.length, ...journal([...events]));
    const folded = this.#tree.refold();
    events.splice(0, events.length, ...kept);
    assert.deepEqual(viewTree(folded), viewTree(state), "the fold differs from the live state");
    assert.deepEqual(wanted(folded), wanted(state));
  }

  /** Once it is calm nothing is left half done, and all that should run does. */
  #checkRest(): void {
    const { effects, wakeAt, ending } = wanted(this.#tree.state);
    assert.deepEqual(effects, [], "something is still to be done");
    assert.equal(wakeAt, null, "something is still waited for");
    const running: string[] = [];
    for (const node of nodesOf(viewTree(this.#tree.state))) {
      assert.match(node.status, /^(running|stopped)$/, `${node.id} is at rest`);
      if (node.kind === "actor" && node.status === "running") running.push(node.id);
      if (node.kind === "supervisor") assert.equal(node.busyWith, null);
    }
    assert.deepEqual(this.#world.living, running.sort(), "the tree is wrong about what lives");
    if (ending === null) assert.equal(this.#tree.statuses[this.#tree.spec.name], "running");
  }
}
