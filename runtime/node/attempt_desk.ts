/**
 * Where attempts go: to the cells, or, where a task publishes an event, to the actor system of its
 * workflow.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Attempt, AttemptId, AttemptOutcome } from "../../actors/attempt.ts";
import { DenizenError, type ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { SystemDoor } from "../actors/mod.ts";
import type { Cells } from "../cells/mod.ts";

/** What a scheduler needs of the cells. */
export type AttemptTakers = Pick<Cells, "attempts" | "capacity" | "dispatch" | "cancel">;

export interface AttemptDeskOptions {
  cells: AttemptTakers;
  /** The system of that name, if it is up. */
  systemOf: (name: string) => Pick<SystemDoor, "publish"> | null;
  /** Never called from within a call. */
  onResults(results: { id: AttemptId; outcome: AttemptOutcome }[]): void;
}

/** Of keys that stand for an actor system in the place of an agent; those of cells are hashes. */
const SYSTEM_KEY = "system:";
/** Events that are published at once. */
const PUBLISHING_MAX = 256;
/** Platform timers take 31 bits. */
const TIMER_MS_MAX = 2 ** 31 - 1;
const ID_CHARS_MAX = 128;

/** In the place of an agent's key. */
export function keyOfSystem(name: string): string {
  return SYSTEM_KEY + name;
}

/** The name in a key that {@linkcode keyOfSystem} made. */
export function nameOfSystem(key: string): string {
  return key.slice(SYSTEM_KEY.length);
}

export class AttemptDesk implements AttemptTakers {
  readonly #options: AttemptDeskOptions;
  /** By attempt; resolving one ends it early. */
  readonly #publishing = new Map<string, (outcome: AttemptOutcome) => void>();

  constructor(options: AttemptDeskOptions) {
    this.#options = options;
  }

  capacity(key: string): number {
    if (!key.startsWith(SYSTEM_KEY)) return this.#options.cells.capacity(key);
    return Math.max(0, PUBLISHING_MAX - this.#publishing.size);
  }

  *attempts(): Iterable<AttemptId> {
    yield* this.#options.cells.attempts();
    for (const name of this.#publishing.keys()) {
      const [runId, taskId, index, attempt] = JSON.parse(name);
      yield { runId, taskId, index, attempt };
    }
  }

  dispatch(key: string, attempts: Attempt[]): void {
    if (!key.startsWith(SYSTEM_KEY)) return this.#options.cells.dispatch(key, attempts);
    const system = this.#options.systemOf(nameOfSystem(key));
    for (const attempt of attempts) void this.#perform(system, attempt);
  }

  cancel(id: AttemptId, options?: { graceMs?: number }): void {
    const end = this.#publishing.get(nameOf(id));
    if (end === undefined) return this.#options.cells.cancel(id, options);
    end(failed({ code: "CANCELLED", message: "The attempt was cancelled" }));
  }

  /** Nobody waits for what is being published any more. */
  stop(): void {
    const outcome = failed({ code: "CANCELLED", message: "The node has stopped" });
    for (const end of this.#publishing.values()) end(outcome);
  }

  async #perform(system: Pick<SystemDoor, "publish"> | null, attempt: Attempt): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<AttemptOutcome>();
    const message = "The event was not taken in time";
    const timer = setTimeout(
      () => resolve(failed({ code: "TIMEOUT", message })),
      Math.min(attempt.timeoutMs, TIMER_MS_MAX),
    );
    this.#publishing.set(nameOf(attempt), resolve);
    publish(system, attempt).then(resolve);
    const outcome = await promise;
    clearTimeout(timer);
    this.#publishing.delete(nameOf(attempt));
    this.#options.onResults([{ id: attempt, outcome }]);
  }
}

/** A task that is tried again publishes under the same id: who has the event does not get it twice. */
async function publish(
  system: Pick<SystemDoor, "publish"> | null,
  attempt: Attempt,
): Promise<AttemptOutcome> {
  const { topic, payload } = attempt.input as { topic: Json; payload: Json };
  const id = eventId(attempt);
  try {
    if (system === null) throw new DenizenError("SYSTEM_STOPPED", { message: STOPPED });
    await system.publish(String(topic), payload, { id, durable: true });
    return { status: "completed", output: { id } };
  } catch (error) {
    const { code, message, hint } = error as DenizenError;
    return failed({ code: code ?? "FAILED", message, ...(hint === undefined ? {} : { hint }) });
  }
}

const STOPPED = "The actor system of this workflow has ended";

/** Ids of messages are short; task ids need not be. */
function eventId({ runId, taskId, index }: AttemptId): string {
  const id = `${runId}/${taskId}/${index}`;
  if (id.length <= ID_CHARS_MAX) return id;
  return `${runId}/${createHash("sha256").update(id).digest("hex")}`;
}

function nameOf({ runId, taskId, index, attempt }: AttemptId): string {
  return JSON.stringify([runId, taskId, index, attempt]);
}

function failed(error: ErrorData): AttemptOutcome {
  return { status: "failed", error };
}
