/**
 * What the author of an agent writes against: `import { AgentError, defineAgent } from "denizen"`.
 * This file is bundled into every agent, so it is small and imports nothing.
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

/** What an agent can do, by name: `"files.walk": { input, output }`. */
export type Capabilities = Record<string, { input?: Schema; output?: Schema }>;

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

/** One attempt, as the agent sees it. */
export interface AgentContext {
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
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  tool(name: string, input?: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  model(request: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  fetch(url: string, options?: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  ask(agent: string, input?: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  tell(agent: string, input?: unknown): Promise<never>;
  /** Not available in this version: throws `AgentError` `NOT_SUPPORTED`. */
  emit(topic: string, payload?: unknown): Promise<never>;
}

/** An agent: the default export of its module. */
export interface Agent<C extends Capabilities = Capabilities> {
  /** What it calls itself; the workflow file may call it otherwise. */
  name: string;
  /** Inputs and outputs are checked against these where the task or the agent has exactly one. */
  capabilities?: C;
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
