import type { Abstention } from "../../../core/assignment.ts";
import type {
  Assigner,
  AssignmentChoice,
  AssignmentRequest,
  ReusedResult,
} from "../../../workflows/mod.ts";
import { SeededRandom } from "../../seeded_random.ts";

/** Agents that the drawn workflows' capability is offered by. */
export const AGENTS: readonly string[] = ["a", "b", "c", "d@1.0.0"];

/** How long who is able, and what is known of them, stays the same. */
const SPELL_MS = 150;

/**
 * An assigner that is drawn from a seed: now and then nobody can, nobody offers, or the best is
 * worth waiting for. The same question is answered alike, also after a crash.
 */
export class SeededAssigner implements Assigner {
  constructor(readonly seed: number) {}

  hasRoom(_capability: string, _own: readonly string[], free: (agent: string) => number): boolean {
    return AGENTS.some((agent) => free(agent) > 0);
  }

  choose(request: AssignmentRequest): AssignmentChoice {
    const random = this.#draw(request, 1);
    if (random.chance(0.05)) return { agent: null, why: { code: "NOBODY_OFFERS", excluded: [] } };
    const able = this.#able(request);
    if (able.length === 0) {
      const excluded: Abstention["excluded"] = [{
        code: request.taken.size > 0 ? "TAKEN" : "INPUT_REFUSED",
        count: AGENTS.length,
        agents: AGENTS.slice(0, 3),
      }];
      return { agent: null, why: { code: "NOBODY_CAN", excluded } };
    }
    const free = able.filter((agent) => request.free(agent) > 0);
    if (free.length === 0) return { agent: null, why: { code: "ALL_BUSY", excluded: [] } };
    if (random.chance(0.1)) {
      const askAgainAt = request.at + random.int(1, 200);
      return {
        agent: null,
        why: { code: "BEST_BUSY", excluded: [], agent: able[0]!, askAgainAt },
      };
    }
    const agent = random.pick(free);
    const { bids } = request;
    const success = random.next();
    const figures = { score: success, success, low: 0, high: 1, tasks: 1, latencyMs: null };
    return {
      agent,
      record: {
        way: bids === undefined ? "evidence" : "auction",
        capability: request.capability,
        codeHash: "0".repeat(16),
        inputHash: "0".repeat(32),
        text: request.task,
        candidates: [{ agent, ...figures, costUsd: 0, load: 0 }],
        considered: able.length,
        ...(bids === undefined ? {} : { bids: [...bids] }),
      },
    };
  }

  isGone(): boolean {
    return false;
  }

  invite(request: AssignmentRequest): string[] {
    return this.#able(request);
  }

  reuse(request: AssignmentRequest): ReusedResult | null {
    const random = this.#draw(request, 2);
    if (random.chance(0.6)) return null;
    const source = { runId: "earlier", task: "t", agent: "test/a", madeAt: 1, similarity: 1 };
    return { output: { n: 1 }, source };
  }

  #able(request: AssignmentRequest): string[] {
    const random = this.#draw(request, 3);
    const able = AGENTS.filter(() => random.chance(0.8));
    return able.filter((agent) => !request.taken.has(agent));
  }

  /** A spell of time has one answer for each piece of work. */
  #draw({ task, index, at }: AssignmentRequest, salt: number): SeededRandom {
    const place = Number(task.slice(1)) * 10_007 + index * 101 + Math.floor(at / SPELL_MS);
    const random = new SeededRandom(this.seed * 7_919 + place * 31 + salt);
    random.next();
    return random;
  }
}
