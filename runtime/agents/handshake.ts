/**
 * Holds an agent to what it claims: it is given its own examples, as real attempts.
 *
 * @module
 */
import type { Attempt } from "../../actors/attempt.ts";
import type { AgentDeclaration, CapabilityDeclaration } from "../../actors/declaration.ts";
import { toPlainText } from "../../actors/frames.ts";
import { DenizenError } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";
import type { Cells } from "../cells/mod.ts";
import type { AgentFinding } from "./registered_agent.ts";

/** How long things may take. */
export interface HandshakeLimits {
  attemptMs: number;
  bidMs: number;
  /** All examples together; what is left then is given up. */
  totalMs: number;
}

/** What is the same on every node. */
export const HANDSHAKE_LIMITS: HandshakeLimits = {
  attemptMs: 30_000,
  bidMs: 5_000,
  totalMs: 120_000,
};

const HEARTBEAT_MS = 5_000;
const FINDINGS_MAX = 50;
const MESSAGE_CHARS_MAX = 300;
const VALUE_CHARS_MAX = 80;
/** Capabilities of which a bid is asked. */
const BIDS_MAX = 16;

/** Who is tried, and where. */
export interface HandshakePlace {
  cells: Pick<Cells, "describe" | "trial" | "bid" | "cancel">;
  agentKey: string;
  ref: string;
  declaration: AgentDeclaration;
}

/**
 * Runs every example of every capability, and asks for bids where the agent bids.
 *
 * @returns what it claims and does not keep; none when all is well
 */
export async function shakeHands(
  place: HandshakePlace,
  limits: HandshakeLimits = HANDSHAKE_LIMITS,
): Promise<AgentFinding[]> {
  const { cells, agentKey, declaration: { capabilities, bids } } = place;
  try {
    await cells.describe(agentKey);
  } catch (error) {
    if (!(error instanceof DenizenError)) throw error;
    return [finding(null, error.code, error.message)];
  }
  const given: Attempt[] = [];
  const tries = capabilities.flatMap((one) =>
    one.examples.map((_, at) => tryExample(place, one, at, { limits, given }))
  );
  const timer = setTimeout(() => {
    for (const attempt of given) cells.cancel(attempt);
  }, limits.totalMs);
  const found = await Promise.all(tries);
  clearTimeout(timer);
  const bidding = bids ? capabilities.filter((one) => one.examples.length > 0) : [];
  const offers = bidding.slice(0, BIDS_MAX).map((one) => tryBid(place, one, limits.bidMs));
  return [...found, ...await Promise.all(offers)].filter((each) => each !== null)
    .slice(0, FINDINGS_MAX);
}

async function tryExample(
  { cells, agentKey, ref }: HandshakePlace,
  { name, examples }: CapabilityDeclaration,
  at: number,
  { limits, given }: { limits: HandshakeLimits; given: Attempt[] },
): Promise<AgentFinding | null> {
  const example = examples[at]!;
  const attempt: Attempt = {
    runId: `handshake-${crypto.randomUUID()}`,
    taskId: name,
    index: at,
    attempt: 1,
    agent: ref,
    capability: name,
    input: example.input,
    timeoutMs: limits.attemptMs,
    heartbeatMs: HEARTBEAT_MS,
    term: 0,
  };
  given.push(attempt);
  const outcome = await cells.trial(agentKey, attempt);
  const which = `Example ${at + 1} of "${name}"`;
  if (outcome.status === "failed") {
    const { code, message } = outcome.error;
    return finding(name, code, `${which} failed: ${message}`);
  }
  const { output } = example;
  if (output === undefined || canonicalJson(output) === canonicalJson(outcome.output)) return null;
  const message = `${which} gave ${show(outcome.output)} instead of ${show(output)}`;
  return finding(name, "OUTPUT_DIFFERS", message);
}

async function tryBid(
  { cells, agentKey }: HandshakePlace,
  { name, examples }: CapabilityDeclaration,
  timeoutMs: number,
): Promise<AgentFinding | null> {
  const answer = await cells.bid(agentKey, {
    runId: "handshake",
    taskId: name,
    index: 0,
    capability: name,
    input: examples[0]!.input,
    timeoutMs,
  });
  if (answer.status !== "refused") return null;
  return finding(name, answer.code, `Bid for example 1 of "${name}": ${answer.message}`);
}

function finding(capability: string | null, code: string, message: string): AgentFinding {
  return { capability, code, message: toPlainText(message, MESSAGE_CHARS_MAX) };
}

function show(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX - 1)}…` : text;
}
