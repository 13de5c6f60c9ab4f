/**
 * What a user's module is: an agent or an actor. Runs inside the worker.
 *
 * @module
 */
import type { BidContext } from "./bid_context.ts";
import type { Context } from "./context.ts";
import { describeAgent } from "./describe_agent.ts";
import { codedError } from "./failure.ts";
import type { Contract } from "./schema_check.ts";
import type { Actor } from "./seats.ts";

export interface Agent {
  name: string;
  capabilities: Record<string, Contract>;
  /** JSON text of the manifest. */
  manifest: string;
  bid: ((input: unknown, context: BidContext) => unknown) | null;
  run(input: unknown, context: Context): unknown;
}

/** The default export of a module. Throws a coded error when it is neither. */
export function readModule(
  value: unknown,
): { kind: "agent"; agent: Agent } | { kind: "actor"; actor: Actor } {
  const content = (value ?? {}) as Record<string, unknown>;
  if (typeof content.run === "function") return { kind: "agent", agent: toAgent(content) };
  if (isObject(content.on)) return { kind: "actor", actor: toActor(content) };
  throw codedError(
    "AGENT_INVALID",
    "The module has no agent and no actor: write `export default defineAgent({ name, run(input, ctx) { … } })`, " +
      "or `defineActor({ name, on: { … } })` for an actor",
  );
}

function toAgent(content: Record<string, unknown>): Agent {
  const run = content.run as Agent["run"];
  const bid = content.bid as NonNullable<Agent["bid"]> | undefined;
  return {
    name: toName(content.name),
    capabilities: isObject(content.capabilities)
      ? content.capabilities as Agent["capabilities"]
      : {},
    manifest: describeAgent(content),
    bid: typeof bid === "function" ? (input, context) => bid.call(content, input, context) : null,
    run: (input, context) => run.call(content, input, context),
  };
}

function toActor(content: Record<string, unknown>): Actor {
  const { persist, state, initial, messages, on, onStart, onStop } = content;
  const actor = {
    name: toName(content.name),
    state,
    isPersistent: typeof persist === "boolean" ? persist : state !== undefined,
    messages: isObject(messages) ? messages : {},
    on,
  } as Actor;
  if (typeof initial === "function") actor.initial = initial.bind(content) as Actor["initial"];
  if (typeof onStart === "function") actor.onStart = onStart.bind(content) as Actor["onStart"];
  if (typeof onStop === "function") actor.onStop = onStop.bind(content) as Actor["onStop"];
  return actor;
}

function toName(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
