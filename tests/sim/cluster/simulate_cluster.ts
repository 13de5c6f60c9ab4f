/**
 * A cluster in one process: the real deciders on several simulated nodes, over a simulated store,
 * network and clocks, with faults drawn by seed. The same seed gives the same trace.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hasEnded } from "../../../workflows/mod.ts";
import { ClusterCheckers } from "./cluster_checkers.ts";
import type { ClusterDefect } from "./cluster_defects.ts";
import { drawFaults, drawTroubles, endFaults, type Trouble } from "./cluster_faults.ts";
import { type ClusterContext, ClusterNode } from "./cluster_node.ts";
import { ClusterStore } from "./cluster_store.ts";
import { ClusterUsers } from "./cluster_users.ts";
import { ClusterWorld } from "./cluster_world.ts";
import { MachineClock } from "./sim_process.ts";

/** Once nothing goes wrong any more, all that was taken must end within so long. */
const REST_MS = 60_000;

export interface ClusterSimulation {
  /** Which kinds of trouble there are; drawn from the seed by default. */
  troubles?: readonly Trouble[];
  /** A mistake that is built in. */
  defect?: ClusterDefect;
  /** Takes the lines of the trace. */
  trace?: string[];
}

/** What came of one seed. */
export interface ClusterOutcome {
  /** What happened, and how often. */
  counts: Map<string, number>;
  /** Fingerprint of the trace. */
  hash: string;
  /** True milliseconds until all was done. */
  elapsedMs: number;
}

/**
 * Runs one seed to its end.
 *
 * @throws {AssertionError} when a promise was broken
 */
export function simulateCluster(seed: number, options: ClusterSimulation = {}): ClusterOutcome {
  return new ClusterSim(seed, options).run();
}

class ClusterSim {
  readonly #world: ClusterWorld;
  readonly #context: ClusterContext;
  readonly #users: ClusterUsers;
  /** By node id: the newest boot of each. */
  readonly #nodes = new Map<string, ClusterNode>();
  readonly #boots: ClusterNode[] = [];
  readonly #clocks = new Map<string, MachineClock>();
  readonly #loadMs: number;
  #isCalm = false;
  #isDone = false;

  constructor(seed: number, { troubles, defect, trace }: ClusterSimulation) {
    const world = this.#world = new ClusterWorld(seed, trace ?? null);
    const { random } = world;
    const drawn = drawTroubles(random);
    const checkers = new ClusterCheckers((what) => world.count(what));
    checkers.nodes = () => this.#boots;
    const partitions = random.int(1, 4);
    this.#context = {
      world,
      checkers,
      partitions,
      store: new ClusterStore(partitions, checkers, defect ?? null),
      faults: drawFaults(troubles === undefined ? drawn : new Set(troubles), random),
      defect: defect ?? null,
      ring: (partition) => this.#ring((node) => node.led.get(partition)?.look()),
      ringNode: (nodeId) =>
        this.#ring((node) => {
          if (node.holder.nodeId === nodeId) node.letters.read();
        }),
    };
    this.#loadMs = random.int(2_000, 8_000);
    this.#users = new ClusterUsers(this.#context, () => [...this.#nodes.values()]);
    world.afterEach = () => checkers.instant(partitions);
  }

  run(): ClusterOutcome {
    const { random } = this.#world;
    const count = random.pick([1, 2, 3, 3, 4]);
    for (let node = 1; node <= count; node++) this.#boot(`n${node}`);
    this.#users.start(random.int(1, 6), this.#loadMs);
    this.#scheduleFaults();
    this.#world.after(this.#loadMs, () => this.#calmDown());
    this.#world.runUntil(() => this.#isDone);
    for (const { number } of this.#context.store.partitions) {
      this.#context.store.fold(number, false);
    }
    const { counts, hash, at } = this.#world;
    return { counts, hash, elapsedMs: at };
  }

  #lookWhetherDone(): void {
    this.#isDone = this.#isAtRest();
    this.#world.after(25, () => this.#lookWhetherDone());
  }

  #isAtRest(): boolean {
    const { store, checkers } = this.#context;
    const open = [...checkers.journal.runs.values()]
      .filter(({ state }) => !hasEnded(state.status)).map(({ state }) => state.runId);
    const wishes = store.partitions.reduce((sum, { inbox }) => sum + inbox.length, 0);
    const isDone = open.length === 0 && wishes === 0 && this.#users.waiting === 0;
    const left = `${open} open, ${wishes} wishes, ${this.#users.waiting} users wait`;
    assert.ok(isDone || this.#world.at < this.#loadMs + REST_MS, `no end: ${left}`);
    if (!isDone) return false;
    for (const runId of this.#users.acknowledged) {
      assert.ok(checkers.journal.runs.has(runId), `${runId} was acknowledged and never began`);
    }
    return true;
  }

  // --- nodes ---

  #boot(nodeId: string): void {
    const { random } = this.#world;
    const clock = this.#clocks.getOrInsertComputed(nodeId, () => this.#drawClock());
    const boot = `b${this.#boots.length + 1}`;
    const node = new ClusterNode(this.#context, { nodeId, boot, clock });
    node.process.crashiness = this.#context.faults.crashiness;
    node.onExit = () => {
      if (!this.#nodes.has(nodeId)) return;
      this.#world.count("node exits");
      this.#world.after(random.int(50, 2_500), () => this.#boot(nodeId));
    };
    this.#nodes.set(nodeId, node);
    this.#boots.push(node);
    this.#world.note(`${node.name} starts`);
    node.start();
  }

  #drawClock(): MachineClock {
    const { random } = this.#world;
    const isOff = this.#context.faults.troubles.has("clocks");
    return new MachineClock(this.#world, {
      rate: isOff ? 0.9 + random.next() * 0.2 : 1,
      wallOffsetMs: isOff ? random.int(-3_000, 3_000) : 0,
    });
  }

  /** A doorbell: lost, doubled or late. */
  #ring(hear: (node: ClusterNode) => void): void {
    const { random } = this.#world;
    for (const node of this.#nodes.values()) {
      for (let copy = random.int(0, 2); copy > 0; copy--) {
        const delayMs = random.chance(0.9) ? random.int(1, 20) : random.int(100, 2_000);
        this.#world.after(
          delayMs,
          () => node.process.deliver(() => hear(node)),
        );
      }
    }
  }

  // --- faults ---

  #scheduleFaults(): void {
    const happenings: Record<Trouble, (() => void) | null> = {
      "crashes": () => this.#some()?.die(),
      "pauses": () => this.#pause(),
      "cuts": () => this.#cut(),
      "locks": () => this.#lock(),
      "clocks": () => this.#jump(),
      "membership": () => this.#changeMembers(),
      "losses": null,
      "slow disk": null,
    };
    const { random } = this.#world;
    for (const trouble of this.#context.faults.troubles) {
      const happening = happenings[trouble];
      if (happening === null) continue;
      for (let count = random.int(1, 4); count > 0; count--) {
        this.#world.after(random.int(100, this.#loadMs), () => {
          if (this.#isCalm) return;
          this.#world.count(trouble);
          happening();
        });
      }
    }
  }

  #some(): ClusterNode | undefined {
    const up = [...this.#nodes.values()].filter(({ process }) => process.isUp);
    return up.length === 0 ? undefined : this.#world.random.pick(up);
  }

  #pause(): void {
    const node = this.#some();
    if (node === undefined || node.process.isStopped) return;
    const { random } = this.#world;
    this.#world.note(`${node.name} is stopped`);
    node.process.stop();
    if (random.chance(0.5)) node.cellsProcess.stop();
    this.#world.after(random.int(50, 4_000), () => this.#goOn(node));
  }

  #goOn(node: ClusterNode): void {
    if (!node.process.isStopped) return;
    this.#world.note(`${node.name} goes on`);
    node.process.go();
    node.cellsProcess.go();
  }

  #cut(): void {
    const node = this.#some();
    if (node === undefined) return;
    node.link.cutUntil = this.#world.at + this.#world.random.int(100, 3_500);
    this.#world.note(`${node.name} is cut from the store`);
  }

  #lock(): void {
    const { health } = this.#context.faults;
    health.lockedUntil = this.#world.at + this.#world.random.int(100, 3_000);
    this.#world.note("the store is locked");
  }

  #jump(): void {
    const clock = this.#world.random.pick([...this.#clocks.values()]);
    clock.wallOffsetMs += this.#world.random.int(-5_000, 5_000);
    this.#world.note("a wall clock jumps");
  }

  #changeMembers(): void {
    const { random } = this.#world;
    if (random.chance(0.4)) return this.#boot(`n${this.#clocks.size + 1}`);
    if (random.chance(0.4)) return this.#rollingRestart([...this.#nodes.values()]);
    const node = this.#some();
    if (node === undefined || this.#nodes.size === 1) return;
    this.#nodes.delete(node.holder.nodeId);
    node.drain();
  }

  /** One node after the other gives away what it has, leaves, and comes back. */
  #rollingRestart([first, ...rest]: ClusterNode[]): void {
    if (first === undefined) return;
    const again = first.onExit;
    first.onExit = () => {
      again();
      this.#rollingRestart(rest);
    };
    if (first.process.isUp) first.drain();
    else this.#rollingRestart(rest);
  }

  /** From now on nothing goes wrong. */
  #calmDown(): void {
    this.#isCalm = true;
    this.#world.note("calm");
    endFaults(this.#context.faults);
    this.#context.faults.health.lockedUntil = this.#world.at;
    for (const node of this.#boots) {
      node.process.crashiness = 0;
      node.link.cutUntil = 0;
      this.#goOn(node);
    }
    this.#users.endLoad();
    this.#lookWhetherDone();
  }
}
