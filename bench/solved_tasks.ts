/**
 * Solved tasks from a seed, as a busy year leaves them: a thousand agents, two hundred capabilities,
 * texts of a dozen words, outputs of a line.
 *
 * @module
 */
import type { AttemptFact } from "../core/assignment.ts";
import { SeededRandom } from "../tests/seeded_random.ts";

/** Agents; each offers some of the capabilities. */
export const AGENTS = 1_000;
/** Capabilities; each has as many agents as any other. */
export const CAPABILITIES = 200;
/** Capabilities of an agent. */
const OFFERED = 10;
const WORDS = 3_000;
const TASKS_OF_RUN = 10;
const BETWEEN_MS = 300;
const BEGIN_AT = Date.UTC(2026, 0, 1);

/** Name of an agent as a registered one has it. */
export function agentName(nth: number): string {
  return `agent-${nth}@1.0.0`;
}

/** Name of a capability. */
export function capabilityName(nth: number): string {
  return `area${nth % 20}.work${nth}`;
}

/** Agents that offer a capability, by number. */
export function offering(capability: number): number[] {
  const spread = CAPABILITIES / OFFERED;
  return Array.from({ length: AGENTS }, (_, nth) => nth)
    .filter((nth) => (nth - capability) % spread === 0);
}

/** A text such as a task has. */
export function drawText(random: SeededRandom): string {
  // Some words come often, most hardly ever, as in prose.
  return Array.from({ length: 12 }, () => `word${Math.floor(WORDS * random.next() ** 3)}`)
    .join(" ");
}

/** Attempts in the order of their ends. */
export function* solvedTasks(count: number, seed: number): Generator<AttemptFact> {
  const random = new SeededRandom(seed);
  for (let nth = 0; nth < count; nth++) {
    const capability = random.int(0, CAPABILITIES - 1);
    const agent = random.pick(offeringOf(capability));
    const isDone = random.chance(0.4 + 0.5 * ((agent * 7919) % 101) / 101);
    const finishedAt = BEGIN_AT + nth * BETWEEN_MS;
    const text = drawText(random);
    yield {
      runId: `01RUN${String(Math.floor(nth / TASKS_OF_RUN)).padStart(21, "0")}`,
      task: `task-${nth % TASKS_OF_RUN}`,
      index: 0,
      attempt: 1,
      workflow: `flow-${capability % 50}`,
      tenant: null,
      agent: agentName(agent),
      capability: capabilityName(capability),
      codeHash: "0123456789abcdef",
      text,
      inputHash: nth.toString(16).padStart(32, "0"),
      startedAt: finishedAt - random.int(50, 5_000),
      finishedAt,
      outcome: isDone ? "completed" : "failed",
      code: isDone ? null : "FAILED",
      costUsd: 0.002,
      output: isDone ? { summary: text, lines: nth % 1_000 } : null,
      bid: null,
    };
  }
}

const known = new Map<number, number[]>();

function offeringOf(capability: number): number[] {
  return known.getOrInsertComputed(capability, () => offering(capability));
}
