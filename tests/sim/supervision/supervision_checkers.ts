/**
 * One checker per promise of supervision. They see the events alone, keep a picture of their own and
 * throw when a promise is broken.
 *
 * @module
 */
import assert from "node:assert/strict";
import type {
  ChildSpec,
  ExitReason,
  SupervisionEvent,
  SupervisorSpec,
} from "../../../actors/supervision/mod.ts";

type EventOf<Type extends SupervisionEvent["type"]> = Extract<SupervisionEvent, { type: Type }>;

/** What the checkers know of a child or a supervisor. */
interface Seen {
  id: string;
  parent: Seen | null;
  spec: ChildSpec | null;
  supervisor: SupervisorSpec | null;
  /** Left to right; what is gone stays here. */
  children: Seen[];
  state: "down" | "starting" | "running" | "stopping";
  incarnation: number;
  /** Its supervisor asked it to stop. */
  isAsked: boolean;
  /** To be terminated while its supervisor lives on. */
  isDoomed: boolean;
  isDeleted: boolean;
  /** An operator added it and it has not run yet: gone when it does not start. */
  isNew: boolean;
  /** Earliest start of a restart that is to come. */
  restartAt: number | null;
  /** Had its turn since its supervisor began. */
  hasHadTurn: boolean;
  lastEnd: { reason: ExitReason; hasFailedToStart: boolean } | null;
  restartsAt: number[];
}

/** Watches one tree. */
export class SupervisionCheckers {
  readonly #seen = new Map<string, Seen>();

  constructor(spec: SupervisorSpec) {
    this.#add(null, null, spec);
  }

  see(event: SupervisionEvent): void {
    if (event.type === "ChildAdded") {
      this.#add(this.#get(event.supervisor), event.child, null).isNew = true;
      return;
    }
    const one = this.#get(event.id);
    switch (event.type) {
      case "SupervisorStarting":
      case "ChildStarting":
        return this.#seeStart(one, event);
      case "SupervisorStarted":
      case "ChildStarted":
        return this.#seeStarted(one, event);
      case "ChildStartFailed":
        return this.#seeEnd(one, event, { type: "crash", error: event.error });
      case "ChildExited":
      case "ChildStopped":
        return this.#seeEnd(one, event, event.reason);
      case "ChildEnded":
        return this.#seeEnded(one);
      case "ChildStopping":
        return this.#seeStopping(one);
      case "SupervisorStopping":
        return this.#seeGivingUp(one, event);
      case "RestartScheduled":
        return this.#seeRestart(one, event);
      case "TerminationRequested":
        one.restartAt = null;
        one.isDoomed = isAlive(one);
        return;
      case "ChildDeleted":
        one.isDeleted = true;
        return;
      case "TreeEnded":
        one.state = "down";
        return this.#checkNothingLives();
    }
  }

  #add(parent: Seen | null, spec: ChildSpec | null, root: SupervisorSpec | null): Seen {
    const supervisor = spec?.kind === "supervisor" ? spec.supervisor : root;
    const one: Seen = {
      id: spec?.id ?? root!.name,
      parent,
      spec,
      supervisor,
      children: [],
      state: "down",
      incarnation: 0,
      isAsked: false,
      isDoomed: false,
      isDeleted: false,
      isNew: false,
      restartAt: null,
      hasHadTurn: false,
      lastEnd: null,
      restartsAt: [],
    };
    this.#seen.set(one.id, one);
    parent?.children.push(one);
    one.children = [];
    for (const child of supervisor?.children ?? []) this.#add(one, child, null);
    return one;
  }

  #get(id: string): Seen {
    const one = this.#seen.get(id);
    assert.ok(one !== undefined, `an event about ${id}, which is not in the tree`);
    return one;
  }

  /** One at a time, left to right, not before its time, never beside an older incarnation. */
  #seeStart(one: Seen, event: EventOf<"SupervisorStarting" | "ChildStarting">): void {
    assert.ok(!isAlive(one), `${one.id} starts while an older incarnation lives`);
    assert.ok(event.incarnation > one.incarnation, `${one.id} repeats an incarnation`);
    if (one.restartAt !== null) {
      assert.ok(event.at >= one.restartAt, `${one.id} starts before its delay is over`);
    }
    if (one.parent !== null) this.#checkTurn(one, one.parent);
    Object.assign(one, { state: "starting", incarnation: event.incarnation, restartAt: null });
    Object.assign(one, { hasHadTurn: true, isAsked: false, isDoomed: false });
    if (one.supervisor !== null) this.#begin(one);
  }

  #checkTurn(one: Seen, parent: Seen): void {
    assert.match(parent.state, /starting|running/, `${one.id} starts below one that does not run`);
    const busy = parent.children.find((other) => other.state === "starting" || isGoing(other));
    assert.equal(busy?.id, undefined, `${one.id} starts while another starts or stops`);
    for (const other of leftOf(one, parent)) {
      if (parent.state === "starting") {
        assert.ok(other.hasHadTurn, `${one.id} starts before ${other.id}, which is left of it`);
      } else if (parent.supervisor!.strategy !== "one_for_one") {
        assert.equal(other.restartAt, null, `${one.id} is restarted before ${other.id}`);
      }
    }
  }

  /** A supervisor begins as specified, whatever was before. */
  #begin(one: Seen): void {
    for (const child of one.children) {
      assert.ok(!isAlive(child), `${child.id} outlived its supervisor`);
      this.#seen.delete(child.id);
    }
    const before = new Map(one.children.map((child) => [child.id, child]));
    one.children = [];
    one.restartsAt = [];
    for (const spec of one.supervisor!.children) {
      this.#add(one, spec, null).incarnation = before.get(spec.id)?.incarnation ?? 0;
    }
  }

  #seeStarted(one: Seen, event: EventOf<"SupervisorStarted" | "ChildStarted">): void {
    assert.equal(event.incarnation, one.incarnation, `${one.id} runs as an older incarnation`);
    assert.equal(one.state, "starting", `${one.id} runs without a start`);
    const late = one.children.find((child) => !child.hasHadTurn);
    assert.equal(late?.id, undefined, `${one.id} runs before all its children were started`);
    Object.assign(one, { state: "running", isNew: false });
  }

  #seeEnd(
    one: Seen,
    event: EventOf<"ChildStartFailed" | "ChildExited" | "ChildStopped">,
    reason: ExitReason,
  ): void {
    assert.equal(event.incarnation, one.incarnation, `an older incarnation of ${one.id} ends it`);
    assert.ok(isAlive(one), `${one.id} ends twice`);
    const living = one.children.find(isAlive);
    assert.equal(living?.id, undefined, `${one.id} ends before what is below it`);
    if (event.type === "ChildStopped") assert.ok(one.isAsked, `${one.id} stops unasked`);
    one.lastEnd = { reason, hasFailedToStart: event.type === "ChildStartFailed" };
    const isTemporary = one.spec!.restart === "temporary";
    one.isDeleted = (one.isNew && one.lastEnd.hasFailedToStart) || (one.isDoomed && isTemporary);
    Object.assign(one, { state: "down", isAsked: false, isDoomed: false });
  }

  #seeEnded(one: Seen): void {
    assert.ok(!mustRestart(one), `${one.id} should have been restarted`);
    one.isDeleted = one.spec!.restart === "temporary";
  }

  /** One at a time, right to left. */
  #seeStopping(one: Seen): void {
    assert.ok(isAlive(one), `${one.id} is stopped while it is down`);
    const { parent } = one;
    if (parent !== null && !one.isAsked) {
      const going = parent.children.find(isGoing);
      assert.equal(going?.id, undefined, `${one.id} is stopped while another one stops`);
      const isEnding = parent.state === "stopping";
      assert.ok(isEnding || one.isDoomed, `${one.id} is stopped for nothing`);
      const later = rightOf(one, parent).find((other) =>
        isEnding ? isAlive(other) : other.isDoomed
      );
      assert.equal(later?.id, undefined, `${one.id} is stopped before what is right of it`);
    }
    this.#keepDown(one);
    Object.assign(one, { state: "stopping", isAsked: true });
  }

  /** What is down below a supervisor that ends stays down. */
  #keepDown(one: Seen): void {
    for (const child of one.children) if (!isAlive(child)) child.restartAt = null;
  }

  #seeGivingUp(one: Seen, event: EventOf<"SupervisorStopping">): void {
    const child = this.#get(event.child);
    if (event.because === "start_failed") {
      assert.equal(one.state, "starting", `${one.id} gives up for a start, but it runs`);
    } else {
      assert.ok(mustRestart(child), `${one.id} gives up for ${child.id}, which may stay down`);
      const { restarts } = one.supervisor!.intensity;
      const count = restartsWithin(one, event.at).length;
      assert.ok(count + 1 > restarts, `${one.id} gives up within its intensity`);
    }
    this.#keepDown(one);
    one.state = "stopping";
  }

  /** Only who must be restarted is, with whom the strategy says, and as often as the intensity says. */
  #seeRestart(one: Seen, event: EventOf<"RestartScheduled">): void {
    const parent = one.parent!;
    assert.equal(parent.state, "running", `${parent.id} restarts a child but does not run`);
    assert.ok(mustRestart(one), `${one.id} is restarted, but may stay down`);
    parent.restartsAt = [...restartsWithin(parent, event.at), event.at];
    const { intensity: { restarts } } = parent.supervisor!;
    assert.ok(parent.restartsAt.length <= restarts, `${parent.id} restarts beyond its intensity`);
    assert.deepEqual(
      event.members.filter((id) => !this.#get(id).isDeleted),
      membersOf(one, parent),
      `${parent.id} restarts others than its strategy says`,
    );
    for (const member of event.members.map((id) => this.#get(id))) {
      if (member.spec!.restart !== "temporary") member.restartAt = event.restartAt;
      else member.isDeleted ||= !isAlive(member);
      member.isDoomed = isAlive(member);
      member.isNew = false;
    }
  }

  #checkNothingLives(): void {
    const living = [...this.#seen.values()].find(isAlive);
    assert.equal(living?.id, undefined, "the tree ended with something alive");
  }
}

function isAlive({ state }: Seen): boolean {
  return state !== "down";
}

/** On its way down because it was asked to. */
function isGoing({ state, isAsked }: Seen): boolean {
  return state === "stopping" && isAsked;
}

function leftOf(one: Seen, parent: Seen): Seen[] {
  return parent.children.slice(0, parent.children.indexOf(one)).filter((seen) => !seen.isDeleted);
}

function rightOf(one: Seen, parent: Seen): Seen[] {
  return parent.children.slice(parent.children.indexOf(one) + 1);
}

function mustRestart({ spec, lastEnd }: Seen): boolean {
  if (spec!.restart === "permanent") return true;
  if (spec!.restart === "temporary") return false;
  return lastEnd!.hasFailedToStart || lastEnd!.reason.type === "crash";
}

function restartsWithin({ restartsAt, supervisor }: Seen, at: number): number[] {
  return restartsAt.filter((restartedAt) => restartedAt >= at - supervisor!.intensity.periodMs);
}

function membersOf(one: Seen, parent: Seen): string[] {
  const { strategy } = parent.supervisor!;
  const from = strategy === "one_for_all" ? 0 : parent.children.indexOf(one);
  const to = strategy === "one_for_one" ? from + 1 : parent.children.length;
  return parent.children.slice(from, to).filter((seen) => !seen.isDeleted).map(({ id }) => id);
}
