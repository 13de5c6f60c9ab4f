/**
 * Runs the supervision tree: does what the decider wants, tells it what happened.
 *
 * @module
 */
import {
  addressOf,
  createSupervision,
  decide,
  type ExitReason,
  type SupervisionCommand,
  type SupervisionEffect,
  type SupervisionEvent,
  type SupervisionState,
  treeLines,
  type TreeView,
  viewDynamic,
  viewTree,
  wanted,
} from "../../actors/supervision/mod.ts";
import type { Ending } from "../../actors/supervision/mod.ts";
import { toPlainText } from "../../actors/frames.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Parts } from "./parts.ts";

export interface ChildRef {
  id: string;
  incarnation: number;
}

type Order = SupervisionCommand extends infer C
  ? C extends SupervisionCommand ? Omit<C, "at" | "random"> : never
  : never;

/** The tree is written for others to look at at most so often. */
const WRITE_EVERY_MS = 200;

/** Virtual actors of one definition that the tree shows: those that broke last. */
const DYNAMIC_SHOWN_MAX = 100;

export class TreeKeeper {
  readonly #parts: Parts;
  readonly #state: SupervisionState;
  /** What was begun and is not reported yet, by incarnation: the kind, and the timer of a kill. */
  readonly #begun = new Map<
    number,
    { type: "start" | "stop"; timer?: ReturnType<typeof setTimeout> }
  >();
  /** Of every child that was ever started: a temporary one is not in the tree any more when it ends. */
  readonly #addresses = new Map<string, string>();
  #wakeTimer: ReturnType<typeof setTimeout> | undefined;
  #writeTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #ended = Promise.withResolvers<Ending>();
  readonly #started = Promise.withResolvers<void>();
  #orders: Order[] = [];
  #isDeciding = false;
  /** The tree when it was told to stop. */
  #beforeStop: TreeView | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#state = createSupervision(parts.definition.supervisor);
  }

  /** Resolves when the whole tree has ended. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /** Starts the tree; resolves when all of it runs, or it has ended. */
  async start(): Promise<void> {
    this.#order({ type: "Start" });
    this.noteChange();
    await Promise.race([this.#started.promise, this.#ended.promise]);
  }

  async stop(shutdownMs?: number): Promise<Ending> {
    // It never came to its start.
    if (this.#state.incarnations === 0) return { type: "stopped", at: this.#parts.now() };
    this.#beforeStop ??= this.view();
    if (this.#state.ending === null) this.#order({ type: "Stop", shutdownMs });
    return await this.#ended.promise;
  }

  close(): void {
    clearTimeout(this.#wakeTimer);
    clearTimeout(this.#writeTimer);
    for (const { timer } of this.#begun.values()) clearTimeout(timer);
  }

  /** An operator's wish. `null`, or why not. */
  command(
    command:
      & { type: "TerminateChild" | "RestartChild" | "DeleteChild"; id: string }
      & Record<never, never>,
  ): ErrorData | null {
    return this.#order(command);
  }

  view(): TreeView {
    const tree = viewTree(this.#state);
    const view = this.#beforeStop === null ? tree : withExitsOf(this.#beforeStop, tree);
    const now = this.#parts.now();
    const dynamic = [...this.#parts.activator.dynamic()].map((each) => {
      const whole = viewDynamic(each, now);
      const children = whole.children.slice(-DYNAMIC_SHOWN_MAX);
      const status = this.#state.ending === null ? whole.status : "stopped";
      return { ...whole, status, children };
    });
    return { ...view, children: [...view.children, ...dynamic] };
  }

  lines(): string[] {
    return treeLines(this.view(), this.#parts.now(), toPlainText);
  }

  // --- what activations tell ---

  started(child: ChildRef): void {
    // Also told when it moves to another cell, or was asked to stop meanwhile: neither is a start.
    if (this.#begun.get(child.incarnation)?.type !== "start") return;
    this.#report(child);
    this.#order({ type: "ReportStarted", ...child });
  }

  startFailed(child: ChildRef, error: ErrorData): void {
    this.#report(child);
    this.#order({ type: "ReportStartFailed", ...child, error });
  }

  exited(child: ChildRef, reason: ExitReason): void {
    this.#report(child);
    this.#order({ type: "ReportExited", ...child, reason });
  }

  /** What was begun for this instance is over. */
  #report({ incarnation }: ChildRef): void {
    clearTimeout(this.#begun.get(incarnation)?.timer);
    this.#begun.delete(incarnation);
  }

  /** The tree is to be shown anew. */
  noteChange(): void {
    this.#writeTimer ??= setTimeout(() => {
      this.#writeTimer = undefined;
      this.#parts.mail.putTree(this.view() as unknown as Json);
    }, WRITE_EVERY_MS);
  }

  // --- deciding ---

  /** Orders that come while one is carried out wait for it. */
  #order(order: Order): ErrorData | null {
    if (this.#isDeciding) {
      this.#orders.push(order);
      return null;
    }
    this.#isDeciding = true;
    const rejection = this.#carryOut(order);
    for (let next = this.#orders.shift(); next !== undefined; next = this.#orders.shift()) {
      this.#carryOut(next);
    }
    this.#isDeciding = false;
    return rejection;
  }

  #carryOut(order: Order): ErrorData | null {
    const command = {
      ...order,
      at: this.#parts.now(),
      random: this.#parts.random(),
    } as SupervisionCommand;
    const { events, rejection } = decide(command, this.#state);
    if (rejection !== undefined) return rejection;
    for (const event of events) this.#follow(event);
    const { effects, wakeAt, ending } = wanted(this.#state);
    for (const effect of effects) this.#perform(effect);
    this.#setTimer(wakeAt);
    if (events.length > 0) this.noteChange();
    if (this.#state.root.status === "running") this.#started.resolve();
    if (ending !== null) this.#ended.resolve(ending);
    return null;
  }

  #follow(event: SupervisionEvent): void {
    const address = this.#addresses.get(event.id);
    if (event.type === "ChildEnded" && address !== undefined) {
      this.#parts.activator.markEnded(address, true);
    }
    if (event.type !== "ChildStarting" && event.type !== "ChildStarted") {
      this.#parts.tell({ type: "tree", event: event.type, lines: [describe(event)] });
    }
  }

  #perform(effect: SupervisionEffect): void {
    const { id, incarnation, actor, key } = effect;
    const begun = this.#begun.get(incarnation);
    if (effect.type === "start") {
      if (begun !== undefined) return;
      this.#begun.set(incarnation, { type: "start" });
      this.#addresses.set(id, this.#addressOf(actor, key));
      return this.#parts.activator.startChild(id, incarnation, actor, key);
    }
    const address = this.#addressOf(actor, key);
    if (begun?.type !== "stop") {
      this.#begun.set(incarnation, { type: "stop" });
      this.#parts.activator.stopChild(address, incarnation, false);
    }
    this.#setKill(incarnation, address, effect.killAt);
  }

  #addressOf(actor: string, key: string): string {
    const isAgent = this.#parts.types.get(actor)?.isAgent === true;
    return isAgent ? `actor://${actor}` : addressOf({ actor, key });
  }

  #setKill(incarnation: number, address: string, killAt: number | null): void {
    const begun = this.#begun.get(incarnation);
    if (begun === undefined || killAt === null) return;
    clearTimeout(begun.timer);
    const delayMs = Math.max(0, killAt - this.#parts.now());
    begun.timer = setTimeout(
      () => this.#parts.activator.stopChild(address, incarnation, true),
      delayMs,
    );
  }

  #setTimer(wakeAt: number | null): void {
    clearTimeout(this.#wakeTimer);
    if (wakeAt === null) return;
    const delayMs = Math.max(0, wakeAt - this.#parts.now());
    this.#wakeTimer = setTimeout(() => this.#order({ type: "FireTimers" }), delayMs);
  }
}

/** Of what stopped because all does, people want to know how it ended before. */
function withExitsOf(before: TreeView, view: TreeView): TreeView {
  const earlier = new Map(before.children.map((child) => [child.id, child]));
  const children = view.children.map((child) => {
    const same = earlier.get(child.id);
    return same === undefined ? child : withExitsOf(same, child);
  });
  const reason = view.lastExit?.reason;
  const isAsked = reason?.type === "shutdown" && reason.error === undefined;
  return { ...view, children, lastExit: isAsked ? before.lastExit : view.lastExit };
}

/** One line for people. */
function describe(event: SupervisionEvent): string {
  switch (event.type) {
    case "ChildExited":
      return `${event.id} exited: ${reasonText(event.reason)}`;
    case "ChildStartFailed":
      return `${event.id} did not start: ${toPlainText(event.error.message, 200)}`;
    case "RestartScheduled":
      return `${event.id} is restarted${
        event.members.length > 1 ? ` with ${event.members.length - 1} others` : ""
      }`;
    case "SupervisorStopping":
      return `${event.id} gives up: ${toPlainText(event.error.message, 200)}`;
    case "TreeEnded":
      return `${event.id} has ended: ${event.ending.type.replaceAll("_", " ")}`;
    case "ChildStopping":
      return `${event.id} is asked to stop`;
    case "ChildStopped":
      return `${event.id} has stopped`;
    case "ChildEnded":
      return `${event.id} is not started again`;
    case "SupervisorStarting":
      return `${event.id} starts its children`;
    case "SupervisorStarted":
      return `${event.id} has started`;
    case "TerminationRequested":
      return `${event.id} is to be terminated: an operator's wish`;
    case "StartRequested":
      return `${event.id} is to be started: an operator's wish`;
    case "ChildAdded":
      return `${event.id} was added to ${event.supervisor}`;
    case "ChildDeleted":
      return `${event.id} was deleted`;
    case "ChildStarting":
      return `${event.id} starts`;
    case "ChildStarted":
      return `${event.id} runs`;
  }
}

function reasonText(reason: ExitReason): string {
  return reason.type === "crash"
    ? `${reason.error.code} ${toPlainText(reason.error.message, 200)}`
    : reason.type;
}
