/**
 * What the author of an agent or an actor writes against: `import { defineAgent } from "denizen"`.
 * This file is bundled into each of them, so it is small and imports nothing.
 *
 * @module
 */

/** A schema of any library that follows https://standardschema.dev: zod, valibot, arktype … */
export interface Schema<Input = unknown, Output = Input> {
  /** The standard's one property; `validate` answers `value` or `issues`. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What {@linkcode Schema} yields after validation. */
export type SchemaOutput<S> = S extends Schema<infer _Input, infer Output> ? Output : never;
/** What {@linkcode Schema} takes before validation: fields with defaults may be missing. */
export type SchemaInput<S> = S extends Schema<infer Input, infer _Output> ? Input : never;

/** One thing that an agent can do. */
export interface Capability {
  /** Inputs are checked against it, defaults filled in. */
  input?: Schema;
  /** Outputs are checked against it. */
  output?: Schema;
  /** Wider capabilities that this is a case of: whoever asks for one of them may get this agent. */
  isA?: string | readonly string[];
  /** Capabilities that this is a step of; for those who look at the graph. */
  partOf?: string | readonly string[];
  /**
   * Tasks that the agent is tried by when it is registered, at most 20. With `output` it must answer
   * with just that; without, with anything that fits its schema.
   */
  examples?: readonly { readonly input: unknown; readonly output?: unknown }[];
}

/** What an agent can do, by name: `"files.walk": { input, output }`; 256 at most. */
export type Capabilities = Record<string, Capability>;

/** Input of `run`: of any of the capabilities; unknown where no schema says. */
export type AgentInput<C extends Capabilities> = keyof C extends never ? unknown
  : { [K in keyof C]: C[K] extends { input: infer S } ? SchemaOutput<S> : unknown }[keyof C];

/** What `run` must return. */
export type AgentOutput<C extends Capabilities> = keyof C extends never ? unknown
  : { [K in keyof C]: C[K] extends { output: infer S } ? SchemaInput<S> : unknown }[keyof C];

/** Lines shown with the run; about 20 a second are kept, more are dropped and counted. */
export interface AgentLog {
  /** For programs that listen to the node: the command line does not show it. */
  debug(message: string, fields?: Record<string, unknown>): void;
  /** What the agent does: shown with `--verbose`. */
  info(message: string, fields?: Record<string, unknown>): void;
  /** What looks wrong and does not stop the agent. */
  warn(message: string, fields?: Record<string, unknown>): void;
  /** What went wrong. The attempt goes on: to end it, throw {@linkcode AgentError}. */
  error(message: string, fields?: Record<string, unknown>): void;
}

/** How a message is to be delivered. */
export interface SendOptions {
  /** Which messages go first; within a lane, messages of a sender stay in order. Default `normal`. */
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
  /**
   * The message is on disk before `tell` resolves, survives a crash of the node, and is delivered
   * again until it was handled or became a dead letter. Default false.
   */
  durable?: boolean;
  /** Up to 16 words, for subscriptions that ask for them. */
  tags?: string[];
  /** With a topic: messages with the same text go to the same member of a group. */
  partitionBy?: string;
}

/** How an answer is waited for. */
export interface AskOptions extends Omit<SendOptions, "durable" | "delayMs" | "id"> {
  /** Default 5 s; then the ask fails with `TIMEOUT`. */
  timeoutMs?: number;
  /** Gives the answer up when it aborts; whoever handles the message is told. */
  signal?: AbortSignal;
}

/** Messages by type: what each takes and what it answers with. */
export type Messages = Record<string, { input?: Schema; output?: Schema }>;
/** What a sender writes: fields with defaults may be missing. */
export type Payload<M> = M extends { input: infer S } ? SchemaInput<S> : unknown;
/** What a handler gets. */
export type Received<M> = M extends { input: infer S } ? SchemaOutput<S> : unknown;
/** What a handler returns. */
export type Answer<M> = M extends { output: infer S } ? SchemaInput<S> : unknown;
/** What an ask resolves with. */
export type Answered<M> = M extends { output: infer S } ? SchemaOutput<S> : unknown;

/** One actor to talk to. `A` is its module's default export: `ctx.actor<typeof counter>("counter")`. */
export interface ActorRef<A = unknown> {
  /** `actor://name/key`. */
  readonly address: string;
  /** As {@linkcode Messenger.ask}. */
  ask<T extends MessageType<A>>(
    type: T,
    payload?: Payload<MessagesOf<A>[T]>,
    options?: AskOptions,
  ): Promise<Answered<MessagesOf<A>[T]>>;
  /** As {@linkcode Messenger.tell}. */
  tell<T extends MessageType<A>>(
    type: T,
    payload?: Payload<MessagesOf<A>[T]>,
    options?: SendOptions,
  ): Promise<void>;
}

/** The messages of an actor's module. */
export type MessagesOf<A> = A extends Actor<infer M, infer _State> ? M : Messages;
/** The types of messages of an actor's module. */
export type MessageType<A> = keyof MessagesOf<A> & string;

/** How agents and actors talk to actors of the system that belongs to the run. */
export interface Messenger {
  /**
   * Sends a message and waits for the answer. `to` is an address, `actor://name/key`, or
   * `actor://name` for the main instance of an actor or any worker of an agent.
   *
   * Rejects with an `AgentError`: `TIMEOUT`, `OVERLOADED`, `RATE_LIMITED`, `ACCESS_DENIED`,
   * `NO_ACTOR`, `ASK_CYCLE`, `ACTOR_CRASHED`, or what the actor itself answered with.
   */
  ask(to: string, type: string, payload?: unknown, options?: AskOptions): Promise<unknown>;
  /**
   * Sends a message; resolves when the node has taken it, of a durable one when it is on disk.
   * Rejects as {@linkcode ask} does when it is refused: full mailboxes answer with `OVERLOADED`.
   */
  tell(to: string, type: string, payload?: unknown, options?: SendOptions): Promise<void>;
  /** Publishes to a topic, `files.found`: whoever subscribed gets it. */
  emit(topic: string, payload?: unknown, options?: SendOptions): Promise<void>;
  /** One actor to talk to, with the types of its module. */
  actor<A = unknown>(name: string, key?: string): ActorRef<A>;
}

/** An earlier solution, and where it comes from. */
export interface Recollection {
  /** Words of the task that it solved. */
  text: string;
  /** `null` where it is not kept any more, or too large. */
  output: unknown;
  /** Who solved it: `name@version`, or `workflow/name`. */
  agent: string;
  /** What was asked for; `null` where the task named the agent. */
  capability: string | null;
  /** The run in which it was solved. */
  runId: string;
  /** Id of the task there. */
  task: string;
  /** Item of a `forEach`, from 0. */
  index: number;
  /** When it was finished, in epoch milliseconds. */
  at: number;
  /** 0 to 1; 1 for the same words. */
  similarity: number;
}

/** One attempt, as the agent sees it. */
export interface AgentContext extends Messenger {
  /** Aborts when the attempt is cancelled or its time is up. */
  readonly signal: AbortSignal;
  /** The run that the task belongs to: its id and the workflow's name. */
  readonly run: { readonly id: string; readonly name?: string };
  /** Id of the task. */
  readonly task: string;
  /** Item of a `forEach`, from 0. */
  readonly index: number;
  /** From 1. */
  readonly attempt: number;
  /**
   * A fencing token: grows whenever the run gets another leader. Give it, with `attempt`, to what
   * you write to; where a greater one was seen for the same task, this attempt has been given up.
   * 0 for a message.
   */
  readonly term: number;
  /**
   * W3C `traceparent` of this attempt's span, to hand to what you call; `null` where the node does
   * not trace. Send it as the header of that name: `fetch(url, { headers: { traceparent } })`.
   */
  readonly traceparent: string | null;
  /** The capability that was asked for; the only one where the task named none. */
  readonly capability: string | null;
  /** Lines shown with the run. */
  readonly log: AgentLog;
  /** Shown live. `fraction` from 0 to 1, or `null` where it cannot be told. */
  progress(fraction: number | null, message?: string): void;
  /** Lets the event loop turn once, so that a long computation does not count as silent. */
  heartbeat(): Promise<void>;
  /** Ends early with the signal's reason when the attempt is to stop. */
  sleep(ms: number): Promise<void>;
  /**
   * Runs `perform` once, whatever happens: its result is durable before `step` returns, and later
   * attempts get it without running it again. The result must be JSON. Each step of an attempt
   * needs an `id` of its own: the second use of one throws `STEP_REPEATED`.
   */
  step<T>(id: string, perform: () => T | Promise<T>): Promise<T>;
  /**
   * Earlier solutions of tasks like the one that `query` describes, the most alike first. They are
   * what other agents answered: take them as hints, not as truth. `limit` is 5 unless told, 20 at
   * most.
   *
   * Rejects with an `AgentError`: `RATE_LIMITED`, `INVALID_INPUT`, `UNAVAILABLE`, or
   * `NOT_SUPPORTED` where nobody keeps them.
   */
  recall(
    query: string,
    options?: { capability?: string; limit?: number },
  ): Promise<Recollection[]>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  tool(name: string, input?: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  model(request: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  fetch(url: string, options?: unknown): Promise<never>;
}

/** A task that is put up for auction, as the agent sees it. */
export interface BidContext {
  /** Aborts when the time for bids is up. */
  readonly signal: AbortSignal;
  /** The run that the task belongs to. */
  readonly run: { readonly id: string };
  /** Id of the task. */
  readonly task: string;
  /** Item of a `forEach`, from 0. */
  readonly index: number;
  /** The capability that is asked for. */
  readonly capability: string;
}

/** What an agent offers for a task. What it promises and does not keep costs it its standing. */
export interface BidOffer {
  /** Price of this attempt in US dollars; left out, that of the manifest. */
  costUsd?: number;
  /** Share of successes that it promises at tasks like this one, 0 to 1. */
  success?: number;
  /** Time in which it promises to be done. */
  latencyMs?: number;
}

/** What an agent asks for; whoever registers it grants it, or not. */
export interface RequestedPermissions {
  /** Files and folders. */
  read?: readonly string[];
  /** Files and folders. */
  write?: readonly string[];
  /** `host` or `host:port`. */
  net?: readonly string[];
  /** Names of environment variables. */
  env?: readonly string[];
  /** Names of programs. They run with the full rights of the user. */
  run?: readonly string[];
  /** Kinds of system information, as in `Deno.permissions`. */
  sys?: readonly string[];
  /** Native libraries. They run with the full rights of the user. */
  ffi?: readonly string[];
  /** Hosts that modules may be imported from. */
  import?: readonly string[];
}

/** An agent: the default export of its module. */
export interface Agent<C extends Capabilities = Capabilities> {
  /** What it calls itself; the workflow file may call it otherwise. */
  name: string;
  /** Semantic version; an agent that is registered needs one. */
  version?: string;
  /** What it is for, in a sentence or two. */
  description?: string;
  /** What it needs to reach. In a workflow file the file decides, and this says nothing. */
  permissions?: RequestedPermissions;
  /** Attempts at once in one worker, where whoever registers it says nothing else. */
  concurrency?: number;
  /** Price of one attempt in US dollars, for those who compare. Default 0. */
  costUsd?: number;
  /** Inputs and outputs are checked against these where the task or the agent has exactly one. */
  capabilities?: C;
  /**
   * Asked in its worker when a task is put up for auction; `null`: it does not want the task. Must
   * answer within the time for bids, and change nothing: most bids do not win.
   */
  bid?(
    input: AgentInput<C>,
    ctx: BidContext,
  ): BidOffer | null | Promise<BidOffer | null>;
  /** Does one attempt: returns its output, which must be JSON, or throws. */
  run(
    input: AgentInput<C>,
    ctx: AgentContext,
  ): AgentOutput<C> | Promise<AgentOutput<C>>;
}

/**
 * Declares an agent; gives `run` the types of its schemas.
 *
 * @example
 * ```ts
 * import { defineAgent } from "denizen";
 *
 * export default defineAgent({ name: "greeter", run: () => ({ text: "Hello" }) });
 * ```
 */
export function defineAgent<const C extends Capabilities = Record<never, never>>(
  agent: Agent<C>,
): Agent<C> {
  return agent;
}

/** What the handlers of an actor get. It is over when the message is handled. */
export interface ActorContext<State = unknown> extends Messenger {
  /** The actor's own address. */
  readonly self: string;
  /** The instance: what stands behind the name in the address. */
  readonly key: string;
  /** `with` of the system file. */
  readonly options: Record<string, unknown>;
  /** What the actor remembers: change it in place, or set it. Kept by the node where it persists. */
  state: State;
  /** Address of the sender, or `external`; empty in `onStart` and `onStop`. */
  readonly sender: string;
  /** The message without its payload. */
  readonly message: {
    readonly id: string;
    readonly type: string;
    /** Delivery of a durable message, from 1. */
    readonly attempt: number;
    /** The topic it was published to. */
    readonly topic: string | null;
    readonly tags: readonly string[];
  };
  /** Aborts when the asker gave up, when the time for the message is over, and when the actor is stopped. */
  readonly signal: AbortSignal;
  /** Lines shown with the system. */
  readonly log: AgentLog;
  /** Lets the event loop turn once, so that a long computation does not count as silent. */
  heartbeat(): Promise<void>;
  /** Ends early with the signal's reason when the message is to stop. */
  sleep(ms: number): Promise<void>;
  /** Sends a message to itself later, also when it was passivated meanwhile. A crash of the node forgets it. */
  after(ms: number, type: string, payload?: unknown, options?: SendOptions): Promise<void>;
  /**
   * From now on messages of a topic, or of all that a pattern covers (`files.*`, `**`), come as
   * `message` (default `event`). Of a group each message goes to one member. `last` asks for so many
   * messages of the retained history first.
   */
  subscribe(
    topic: string,
    options?: { message?: string; group?: string; last?: number },
  ): Promise<unknown>;
  /** Ends what {@linkcode subscribe} began. */
  unsubscribe(topic: string): Promise<unknown>;
  /** Ends this actor in order once the message is handled; the next message begins it anew. */
  stop(): Promise<unknown>;
  /**
   * Ends the whole system in order once the message is handled. Only where the system file says
   * `mayStopSystem: true` of the actor; else it rejects with `ACCESS_DENIED`.
   */
  stopSystem(): Promise<unknown>;
}

/** An actor: the default export of its module. */
export interface Actor<M extends Messages = Messages, State = unknown> {
  /** What it calls itself; the system file may call it otherwise. */
  name: string;
  /** Checked when the actor begins; with it, the state is kept unless `persist` is false. */
  state?: Schema<unknown, State>;
  /** The state of a new instance; left out, the schema's defaults make it from `{}`. */
  initial?(key: string, options: Record<string, unknown>): State | Promise<State>;
  /**
   * Whether the node keeps the state: after a crash the actor goes on with that of the last message
   * it answered, and an answer leaves only when the state is on disk. Default: whether there is a
   * `state` schema.
   */
  persist?: boolean;
  /** Payloads and answers are checked against these. */
  messages?: M;
  /** Handles the messages, one at a time: a handler runs to its end, whatever it awaits. */
  on: {
    [T in keyof M]: (
      payload: Received<M[T]>,
      ctx: ActorContext<State>,
    ) => Answer<M[T]> | Promise<Answer<M[T]>>;
  };
  /** Before the first message. */
  onStart?(ctx: ActorContext<State>): unknown;
  /** Before the end in order; not after a crash. */
  onStop?(ctx: ActorContext<State>, reason: string): unknown;
}

/**
 * Declares an actor; gives its handlers the types of its schemas. An {@linkcode AgentError} that a
 * handler throws is the answer, and the actor goes on; anything else breaks the actor, and its
 * supervisor decides.
 *
 * @example
 * ```ts
 * import { defineActor } from "denizen";
 * import { z } from "zod";
 *
 * export default defineActor({
 *   name: "counter",
 *   state: z.object({ count: z.number().default(0) }),
 *   messages: { add: { input: z.object({ by: z.number() }), output: z.number() } },
 *   on: { add: ({ by }, ctx) => ctx.state.count += by },
 * });
 * ```
 */
export function defineActor<const M extends Messages, State = null>(
  actor: Actor<M, State>,
): Actor<M, State> {
  return actor;
}

/** A failure of the agent's own: `throw new AgentError("NO_SUCH_FILE", "…", { retryable: false })`. */
export class AgentError extends Error {
  /** The class's name. */
  override readonly name = "AgentError";
  /** `UPPER_SNAKE`; `retry.on` may name it. */
  readonly code: string;
  /** Whether another attempt may succeed; left out, the code decides. */
  readonly retryable?: boolean;
  /** Facts for machines; must be JSON. */
  readonly details?: Record<string, unknown>;

  /** A failure with a code; `message` says what was wrong, verb first. */
  constructor(
    code: string,
    message: string,
    options: { retryable?: boolean; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
    this.details = options.details;
  }
}
