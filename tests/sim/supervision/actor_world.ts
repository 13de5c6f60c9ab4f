/**
 * Simulated actors below a supervision tree: they start, fail to, crash, stop slowly or not at all
 * until they are killed. Reports of it get lost, come late or twice; a look around finds what was
 * lost. All of it drawn from one seed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type {
  ExitReason,
  StartEffect,
  StopEffect,
  SupervisionEffect,
  TreeView,
} from "../../../actors/supervision/mod.ts";
import { Heap } from "../../../core/heap.ts";
import { nodesOf, type ShortCommand } from "../../supervision_kit.ts";
import type { SeededRandom } from "../../seeded_random.ts";

/** A process that exists, whatever the tree believes. */
interface Instance {
  id: string;
  incarnation: number;
  state: "starting" | "running" | "dead";
  isAsked: boolean;
  killAt: number | null;
  reason: ExitReason;
}

interface Happening {
  at: number;
  /** Orders what happens at the same instant. */
  seq: number;
  happen: () => void;
}

/** What is done by the simulated actors, and how reports of it travel. */
export class ActorWorld {
  now = 0;
  /** While it is calm nothing crashes, and no report is lost, late or repeated. */
  isCalm = false;
  readonly #random: SeededRandom;
  readonly #report: (command: ShortCommand) => void;
  readonly #instances = new Map<number, Instance>();
  readonly #living = new Map<string, Instance>();
  readonly #happenings = new Heap<Happening>((a, b) =>
    a.at < b.at || (a.at === b.at && a.seq < b.seq)
  );
  #seq = 0;

  constructor(random: SeededRandom, report: (command: ShortCommand) => void) {
    this.#random = random;
    this.#report = report;
  }

  /** Ids of all that lives. */
  get living(): string[] {
    return [...this.#living.keys()].sort();
  }

  schedule(delayMs: number, happen: () => void): void {
    this.#happenings.push({ at: this.now + delayMs, seq: this.#seq++, happen });
  }

  /** Lets the next thing happen; `false` when nothing is left to happen. */
  step(): boolean {
    const next = this.#happenings.pop();
    if (next === undefined) return false;
    this.now = Math.max(this.now, next.at);
    next.happen();
    return true;
  }

  /** Begins what is wanted and not in flight yet. */
  act(effects: readonly SupervisionEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "start") this.#start(effect);
      else this.#stop(effect);
    }
  }

  #start({ id, incarnation }: StartEffect): void {
    if (this.#instances.has(incarnation)) return;
    assert.ok(!this.#living.has(id), `${id} is started while an older incarnation lives`);
    const instance: Instance = {
      id,
      incarnation,
      state: "starting",
      isAsked: false,
      killAt: null,
      reason: { type: "normal" },
    };
    this.#instances.set(incarnation, instance);
    this.#living.set(id, instance);
    this.schedule(this.#random.int(0, 60), () => this.#finishStart(instance));
  }

  #finishStart(instance: Instance): void {
    if (instance.state !== "starting") return;
    if (!this.isCalm && this.#random.chance(0.04)) return this.#end(instance, this.#drawReason());
    instance.state = "running";
    this.#tell(instance);
    this.#live(instance);
  }

  /** Some live long, some crash again and again. */
  #live(instance: Instance): void {
    if (this.isCalm || this.#random.chance(0.3)) return;
    const lifeMs = this.#random.int(0, this.#random.pick([20, 400, 8_000]));
    this.schedule(lifeMs, () => {
      if (!this.isCalm) this.#end(instance, this.#drawReason());
    });
  }

  #stop({ incarnation, killAt }: StopEffect): void {
    const instance = this.#instances.get(incarnation);
    assert.ok(
      instance !== undefined,
      `incarnation ${incarnation} is stopped before it was started`,
    );
    if (!instance.isAsked) {
      instance.isAsked = true;
      const slowMs = this.#random.pick([0, 10, 100, 3_000]);
      this.schedule(slowMs, () => this.#end(instance, { type: "shutdown" }));
    }
    if (killAt === null || (instance.killAt !== null && instance.killAt <= killAt)) return;
    instance.killAt = killAt;
    const error = { code: "KILLED", message: "killed" };
    this.schedule(
      Math.max(0, killAt - this.now),
      () => this.#end(instance, { type: "crash", error }),
    );
  }

  #end(instance: Instance, reason: ExitReason): void {
    if (instance.state === "dead") return;
    instance.state = "dead";
    instance.reason = reason;
    this.#living.delete(instance.id);
    this.#tell(instance);
  }

  #drawReason(): ExitReason {
    const drawn = this.#random.next();
    if (drawn < 0.15) return { type: "normal" };
    if (drawn < 0.25) return { type: "shutdown" };
    return { type: "crash", error: { code: "BOOM", message: "drawn" } };
  }

  /** Sends a report of what the instance is now. It may never arrive, arrive late, or twice. */
  #tell({ id, incarnation, state, reason }: Instance): void {
    if (!this.isCalm && this.#random.chance(0.08)) return;
    const command: ShortCommand = state === "running"
      ? { type: "ReportStarted", id, incarnation }
      : { type: "ReportExited", id, incarnation, reason };
    const times = !this.isCalm && this.#random.chance(0.1) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const isLate = !this.isCalm && this.#random.chance(0.1);
      const delayMs = isLate ? this.#random.int(100, 4_000) : this.#random.int(0, 3);
      this.schedule(delayMs, () => this.#report(command));
    }
  }

  /** Compares what the tree believes with what is, and reports again what it missed. */
  lookAround(view: TreeView): void {
    for (const { id, kind, status, incarnation } of nodesOf(view)) {
      if (kind !== "actor" || !/starting|running|stopping/.test(status)) continue;
      const instance = this.#instances.get(incarnation);
      if (instance === undefined) continue;
      assert.equal(instance.id, id);
      const isMissed = instance.state === "dead" ||
        (instance.state === "running" && status === "starting");
      if (isMissed) this.#tell(instance);
    }
  }

  /** Something of the past is reported once more: of an instance that is gone by now. */
  repeatOldReport(): void {
    const gone = [...this.#instances.values()].filter(({ state }) => state === "dead");
    if (gone.length === 0) return;
    const { id, incarnation, reason } = this.#random.pick(gone);
    this.#report(
      this.#random.chance(0.5)
        ? { type: "ReportStarted", id, incarnation }
        : { type: "ReportExited", id, incarnation, reason },
    );
  }
}
