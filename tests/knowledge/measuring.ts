/**
 * Nodes that measure by capability, as processes, and what is learnt from them, read here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Candidate, decideAssignment } from "../../actors/assignment/mod.ts";
import { exportGraph } from "../../actors/knowledge/mod.ts";
import { agentIdOf, type AttemptFact } from "../../core/assignment.ts";
import { type KnowledgeBase, openKnowledge } from "../../runtime/knowledge/mod.ts";
import { openExistingStores, type StorePlace, type Stores } from "../../runtime/node/open_store.ts";
import { readHistory } from "../../runtime/scheduler/mod.ts";
import type { AttemptStarted } from "../../workflows/mod.ts";
import { denizenArgs } from "../cli/denizen_process.ts";
import { killNode } from "../process/process_tree.ts";
import { factsOf } from "./journal_world.ts";

const agent = (body: string) => `
import { AgentError, defineAgent } from "denizen";
import { z } from "zod";
export default defineAgent({
  name: "measurer",
  capabilities: {
    "code.measure": {
      input: z.object({ n: z.number(), ms: z.number() }),
      output: z.object({ n: z.number() }),
    },
  },
  async run({ n, ms }, ctx) {
    await ctx.sleep(ms);
    ${body}
    return { n };
  },
});
`;

const FLOW = `
name: measure-all
input: { type: object, properties: { ms: { type: integer, default: 0 } } }
agents:
  steady: { module: ./steady.ts, concurrency: 2 }
  quick: { module: ./steady.ts, concurrency: 2 }
  flaky: { module: ./flaky.ts, concurrency: 2 }
tasks:
  measure:
    forEach: [${Array.from({ length: 24 }, (_, n) => n).join(", ")}]
    capability: code.measure
    with: { n: "\${{ item }}", ms: "\${{ input.ms }}" }
    retry: { maxAttempts: 9, backoff: { initial: 10ms }, on: [BROKEN, CRASHED, UNAVAILABLE] }
output: "\${{ size(tasks.measure.output) }}"
`;

/** Files of a workflow whose tasks name a capability: of three agents one often fails. */
export const MEASURING_FILES = {
  "flow.yaml": FLOW,
  "steady.ts": agent(""),
  "flaky.ts": agent('if (n % 3 > 0) throw new AgentError("BROKEN", "it broke");'),
};

/** Options of the command line that name a place. */
export function placeArgs({ dataDir, store }: StorePlace): string[] {
  return ["--data", dataDir, ...(store === undefined ? [] : ["--store", store])];
}

/** A node that serves a place. */
export interface Served {
  /** kill -9, its cells with it. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a node; it is up when this resolves. */
export async function serve(cwd: string, place: StorePlace): Promise<Served> {
  const args = ["serve", "--json", "--port", "0", "--no-examples", ...placeArgs(place)];
  const child = new Deno.Command(Deno.execPath(), {
    args: denizenArgs(args),
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.getReader();
  const first = await reader.read();
  assert.ok(!first.done, "the node ended before it was up");
  await reader.cancel();
  return {
    kill: () => killNode(child),
    close: async () => {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended.
      }
      await child.status;
    },
  };
}

/** What is known at a place, by a process that only reads. */
export class Onlooker {
  readonly base: KnowledgeBase;
  readonly #stores: Stores;

  private constructor(base: KnowledgeBase, stores: Stores) {
    this.base = base;
    this.#stores = stores;
  }

  /** Begins from nothing. */
  static async open(cwd: string, { dataDir, store }: StorePlace): Promise<Onlooker> {
    const place = { dataDir: join(cwd, dataDir), store };
    const stores = await openExistingStores(place, { what: "runs", hint: "" });
    const onTrouble = (error: unknown) => {
      throw error;
    };
    const base = openKnowledge({ stores, now: Date.now, pollMs: 0, onTrouble });
    await base.ready();
    return new Onlooker(base, stores);
  }

  /** The graph as it is exported. */
  graph(): string {
    return exportGraph(this.base.graph, "json", {}).trimEnd();
  }

  /** Who would get each of a hundred tasks, with all figures. */
  choices(at: number): string {
    const candidates = ["steady", "quick", "flaky", "never-seen"].map((agent): Candidate => ({
      agent,
      id: `measure-all/${agent}`,
      costUsd: 0.01,
      load: 0,
      places: 2,
      free: 2,
    }));
    const decisions = Array.from({ length: 100 }, (_, nth) => {
      const task = { capability: "code.measure", text: `measure ${nth}`, seed: `seed ${nth}` };
      const query = { ...task, at, prefer: "balanced" as const, candidates };
      return decideAssignment(query, this.base.evidence.of(null));
    });
    return JSON.stringify(decisions);
  }

  async close(): Promise<void> {
    await this.base.close();
    await this.#stores.close();
  }

  /**
   * Each choice that was made, with how many outcomes it says that it rests on, and how many there
   * were by then.
   */
  async choicesMade(): Promise<{ rests: number; known: number }[]> {
    const { runs, archive } = this.#stores;
    const facts: AttemptFact[] = [];
    const starts: AttemptStarted[] = [];
    for (const entry of await runs.runs({ limit: 100 })) {
      const events = await Array.fromAsync(
        readHistory(runs, entry, undefined, archive),
        ({ event }) => event,
      );
      facts.push(...factsOf(entry.runId, events));
      starts.push(...events.filter((event) => event.type === "AttemptStarted"));
    }
    return starts.flatMap(({ at, assignment }) =>
      assignment!.candidates.map(({ agent, tasks }) => {
        const id = agentIdOf(null, "measure-all", agent);
        const known = facts.filter((fact) => fact.agent === id && fact.finishedAt <= at);
        return { rests: tasks, known: known.length };
      })
    );
  }
}
