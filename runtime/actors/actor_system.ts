/**
 * A running actor system: the composition of its parts, and the door for programs around it.
 *
 * @module
 */
import type { AttemptOutcome } from "../../actors/attempt.ts";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { MessageItem } from "../../actors/frames.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import { EXTERNAL } from "../../actors/messages/mod.ts";
import type { Ending, TreeView } from "../../actors/supervision/mod.ts";
import type { SystemDefinition } from "../../actors/system/mod.ts";
import type { ActorStore, SystemFence } from "../../core/actor_ports.ts";
import { DenizenError, type ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { Clock } from "../../core/ports.ts";
import type { Cell, Fleet, Flight, ModuleHost, Seals } from "../cells/mod.ts";
import { Activator } from "./activator.ts";
import { ActorType } from "./actor_type.ts";
import { AskDesk } from "./ask_desk.ts";
import { Asks } from "./asks.ts";
import { CellEvents } from "./cell_events.ts";
import { Courier } from "./courier.ts";
import { DurableMail } from "./durable_mail.ts";
import { type Lease, LeaseGate } from "./lease_gate.ts";
import { Outgoing } from "./outgoing.ts";
import { charsOf, findFault } from "./outside_message.ts";
import type { Parts, SystemNews } from "./parts.ts";
import { type RecoveredMail, recoverMail } from "./recover_mail.ts";
import { SYSTEM_STOPPED } from "./refusals.ts";
import type { AskOptions } from "./system_door.ts";
import { type Draft, Router, type Sender } from "./router.ts";
import { TopicDesk } from "./topic_desk.ts";
import { TreeKeeper } from "./tree_keeper.ts";
import { turnClock } from "./turn_clock.ts";
import { WishReader } from "./wish_reader.ts";

/** Code and rights of one definition. */
export interface ActorContent {
  manifest: AgentManifest;
  code: string;
  host: ModuleHost;
}

export interface ActorSystemOptions {
  definition: SystemDefinition;
  /** By the name of the definition. */
  contents: ReadonlyMap<string, ActorContent>;
  fleet: Fleet;
  store: ActorStore<DeliveryEvent>;
  fence: SystemFence;
  clock: Clock;
  /** Uniform in `[0, 1)`. */
  random: () => number;
  /** Keys for messages from outside; `null` where no actor encrypts. */
  seals: Seals | null;
  onNews(news: SystemNews): void;
  /** Stops the system, also while it is starting. */
  signal?: AbortSignal;
  /** Where another process may take the system over from this one while both live. */
  lease?: Lease;
}

/** Options of {@linkcode ActorSystem.tell}. */
export interface TellOptions {
  /** Which messages go first; within a lane they stay in order. Default `normal`. */
  lane?: "high" | "normal" | "low";
  /** How long it may wait to be handled, in milliseconds. */
  ttlMs?: number;
  /** Not to be delivered earlier, in milliseconds from now. */
  delayMs?: number;
  /**
   * 1 to 128 characters. A second durable message with the same id to the same address is not
   * delivered.
   */
  id?: string;
  /** Survives a crash, and is delivered until it was handled or given up. Default false. */
  durable?: boolean;
  /** Up to 16 words, for subscriptions that ask for them. */
  tags?: string[];
  /** With a topic: messages with the same text go to the same member of a group. */
  partitionBy?: string;
}

/** Numbers of a running system. */
export interface SystemStats {
  /** Virtual actors that hold a place. */
  residents: number;
  /** Actors that are resident or have messages waiting. */
  active: number;
  /** Durable messages that are neither handled nor given up. */
  pendingDurable: number;
  /** Messages that were refused. */
  refused: number;
}

/** Time for actors to stop in order; then they are killed. */
const STOP_MS = 10_000;

export class ActorSystem {
  readonly #parts: Parts;
  readonly #options: ActorSystemOptions;
  readonly #wishes: WishReader;
  readonly #lost = Promise.withResolvers<unknown>();
  #stopping: Promise<Ending> | null = null;
  #isLost = false;
  #refused = 0;

  private constructor(options: ActorSystemOptions, recovered: RecoveredMail) {
    this.#options = options;
    const { definition, clock, random, store, fence } = options;
    const types = new Map<string, ActorType>();
    const parts = {
      definition,
      types,
      now: turnClock(clock),
      random,
      tell: (news: SystemNews) => this.#publish(news),
    } as unknown as Parts;
    // Each part knows the others; none uses them before all are there.
    Object.assign(parts, {
      outgoing: new Outgoing(),
      askDesk: new AskDesk(parts),
      asks: new Asks(parts.now, (ask, error) => {
        const why = parts.activator.whyIdle(ask.to);
        const message = why === null ? error.message : `${error.message}: ${why}`;
        parts.askDesk.giveUp(ask, { ...error, message });
      }),
      courier: new Courier(parts),
      mail: new DurableMail(parts, {
        store,
        fence,
        ...recovered,
        onLost: (error) => this.#onLost(error),
      }),
      activator: new Activator(parts, (addresses) => store.states(definition.name, addresses)),
      topics: new TopicDesk(parts),
      router: new Router(parts),
      tree: new TreeKeeper(parts),
      seals: options.seals,
      gate: options.lease === undefined ? null : new LeaseGate({
        ...options.lease,
        prove: () => parts.mail.prove(parts.tree.view() as unknown as Json),
        onOpen: () => parts.courier.goOn(),
      }),
    });
    this.#parts = parts;
    const events = new CellEvents(parts);
    for (const spec of definition.actors) {
      types.set(
        spec.name,
        new ActorType(spec, options.contents.get(spec.name)!, options.fleet, events),
      );
    }
    this.#wishes = new WishReader(parts, definition.name, store);
  }

  /**
   * Takes over what an earlier process left, loads every module once, starts the tree.
   *
   * @throws {DenizenError} what kept a module from being loaded, or the tree from starting
   */
  static async start(options: ActorSystemOptions): Promise<ActorSystem> {
    const { store, definition } = options;
    const { windowMs, idsMax } = definition.deduplicate;
    const mail = await recoverMail(store, definition.name, { windowMs, idsMax });
    const system = new ActorSystem(options, mail);
    const stop = () => void system.stop();
    options.signal?.addEventListener("abort", stop, { once: true });
    if (options.signal?.aborted) stop();
    try {
      await system.#begin();
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  async #begin(): Promise<void> {
    const { types, tree, mail, topics } = this.#parts;
    await Promise.all([...types.values()].map((type) => type.describe()));
    await topics.restore(this.#options.store);
    this.#checkGoing();
    await Promise.race([tree.start(), this.#lost.promise]);
    if (this.#isLost) throw await this.#lost.promise;
    this.#checkGoing();
    mail.start();
    this.#wishes.start();
  }

  /** Somebody may have stopped it while it was starting. */
  #checkGoing(): void {
    if (this.#stopping !== null) throw toError(SYSTEM_STOPPED);
  }

  // --- for programs ---

  get name(): string {
    return this.#options.definition.name;
  }

  /** Resolves when the tree has ended, however it did; rejects when the system was lost. */
  get ended(): Promise<Ending> {
    return this.#untilEnded();
  }

  async #untilEnded(): Promise<Ending> {
    const lost = this.#lost.promise.then(() => LOST);
    const ending = await Promise.race([this.#parts.tree.ended, lost]);
    // The tree of a system that was lost ends as well, perhaps in the same turn.
    if (ending === LOST || this.#isLost) throw await this.#lost.promise;
    return ending;
  }

  /**
   * Sends a message to an actor and waits for the answer.
   *
   * @param options `timeoutMs`: default 5 s. `signal`: gives the answer up
   * @throws {DenizenError} `TIMEOUT`, `OVERLOADED`, `NO_ACTOR` …, or what the actor answered with
   */
  ask(
    to: string,
    type: string,
    payload: Json = null,
    options: AskOptions = {},
  ): Promise<Json> {
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    const { timeoutMs, lane, signal, sealedId } = options;
    const chars = charsOf(payload);
    const fault = findFault(chars, { lane, ttlMs: timeoutMs });
    if (fault !== null) return Promise.reject(fault);
    const ask = this.#parts.askDesk.open(to, timeoutMs, null, (outcome) => {
      signal?.removeEventListener("abort", onAbort);
      settleAsk(outcome, resolve, reject);
    });
    const onAbort = () =>
      this.#parts.askDesk.giveUp(ask, { code: "CANCELLED", message: "The asker gave up" });
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (ask.isOver) return promise;
    const sender = externalSender(() => {}, reject);
    this.#send(sender, { to, type, payload, chars, options: { lane, sealedId }, ask });
    return promise;
  }

  /** Sends a message; resolves when it is taken, of a durable one when it is on disk. */
  tell(to: string, type: string, payload: Json = null, options: TellOptions = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { durable, ...rest } = options;
    const chars = charsOf(payload);
    const fault = findFault(chars, options);
    if (fault !== null) return Promise.reject(fault);
    this.#send(externalSender(resolve, reject), {
      to,
      type,
      payload,
      chars,
      options: durable === undefined ? rest : { ...rest, isDurable: durable },
      ask: null,
    });
    return promise;
  }

  /** Publishes to a topic; resolves when every subscriber has it in its mailbox, or refused it. */
  publish(topic: string, payload: Json = null, options: TellOptions = {}): Promise<void> {
    return this.tell(`topic:${topic}`, "event", payload, options);
  }

  /** Sends many messages; tells of each whether it was taken, in order. */
  async tellMany(
    messages: readonly { to: string; type: string; payload?: Json; options?: TellOptions }[],
  ): Promise<({ status: "taken" } | { status: "refused"; error: ErrorData })[]> {
    return await Promise.all(messages.map(async ({ to, type, payload, options }) => {
      try {
        await this.tell(to, type, payload, options);
        return { status: "taken" as const };
      } catch (error) {
        const { code, message } = error as DenizenError;
        return { status: "refused" as const, error: { code, message } };
      }
    }));
  }

  /** The retained messages of a topic, oldest first. */
  history(topic: string, last = 100) {
    return this.#parts.topics.history(topic, last);
  }

  /** The supervision tree, and the virtual actors that wait for a restart. */
  tree(): TreeView {
    return this.#parts.tree.view();
  }

  /** The tree as text. */
  treeLines(): string[] {
    return this.#parts.tree.lines();
  }

  /** Terminates a child of the tree until it is restarted; by its id. */
  terminateChild(id: string): void {
    refuse(this.#parts.tree.command({ type: "TerminateChild", id }));
  }

  /** Starts a child that is down. */
  restartChild(id: string): void {
    refuse(this.#parts.tree.command({ type: "RestartChild", id }));
  }

  stats(): SystemStats {
    const { activator, mail } = this.#parts;
    return {
      residents: activator.residents,
      active: activator.size,
      pendingDurable: mail.pending,
      refused: this.#refused,
    };
  }

  /** A message that an attempt of a workflow's task sends; its sender counts as `external`. */
  onAttemptMessage(cell: Cell, flight: Flight, item: MessageItem): void {
    this.#parts.router.onItem(cell, flight, item);
  }

  /** A cell with attempts is gone. */
  forgetCell(cell: Cell): void {
    this.#parts.askDesk.forgetCell(cell);
  }

  /**
   * Stops the tree right to left, then the virtual actors, and gives the system back. Durable
   * messages stay.
   *
   * @param options `forget`: address whose state nobody needs after that
   */
  stop(options: { forget?: string } = {}): Promise<Ending> {
    return this.#stopping ??= this.#stop(options);
  }

  /** Somebody else may lead it now: whatever goes on here is in vain. */
  #onLost(error: unknown): void {
    this.#isLost = true;
    this.#lost.resolve(error);
    void this.stop();
  }

  async #stop({ forget }: { forget?: string }): Promise<Ending> {
    const { tree, activator, mail, router, asks, courier, gate } = this.#parts;
    await this.#wishes.stop();
    const ending = await Promise.race([tree.stop(STOP_MS), this.#lost.promise.then(() => LOST)]);
    if (!this.#isLost) await this.#atMost(STOP_MS, activator.stop());
    activator.abandon();
    router.close();
    asks.stop(SYSTEM_STOPPED);
    tree.close();
    courier.stop();
    gate?.close();
    if (!this.#isLost) mail.putTree(tree.view() as unknown as Json);
    if (forget !== undefined) mail.dropState(forget);
    await mail.stop();
    for (const type of this.#parts.types.values()) type.close();
    // Whoever comes next need not wonder whether this process is still at work.
    if (!this.#isLost) await this.#options.store.releaseSystem(this.#options.fence).catch(() => {});
    return ending;
  }

  async #atMost(ms: number, work: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([work, promise]);
    clearTimeout(timer);
  }

  #send(sender: Sender, draft: Draft): void {
    this.#parts.router.sendPlain(sender, draft);
    this.#parts.courier.wake();
  }

  #publish(news: SystemNews): void {
    if (news.type === "refused") this.#refused++;
    this.#options.onNews(news);
  }
}

const LOST: Ending = { type: "stopped", at: 0 };

function settleAsk(
  outcome: AttemptOutcome,
  resolve: (value: Json) => void,
  reject: (error: Error) => void,
): void {
  if (outcome.status === "completed") return resolve(outcome.output);
  reject(toError(outcome.error));
}

function externalSender(taken: () => void, reject: (error: Error) => void): Sender {
  return {
    from: EXTERNAL,
    activation: null,
    work: null,
    taken,
    refused: (error) => reject(toError(error)),
  };
}

function toError({ code, message, hint, details }: ErrorData): DenizenError {
  return new DenizenError(code, { message, hint, details });
}

function refuse(error: ErrorData | null): void {
  if (error !== null) throw toError(error);
}
