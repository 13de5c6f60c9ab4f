import type { KnowledgeGraph } from "../../actors/knowledge/mod.ts";
import type { TenantEvidence } from "../../actors/assignment/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { FactReader } from "./fact_reader.ts";
import { Pace } from "./pace.ts";

/** Events that are read between two looks at the time. */
const EVENTS_AT_ONCE = 32;

/** Where events become knowledge, in slices. What comes twice counts once. */
export class Projection {
  readonly graph: KnowledgeGraph;
  readonly evidence: TenantEvidence;
  readonly #onLearnt: (runId: string) => void;
  readonly #pace = new Pace();
  /** Events that were read so far, and attempts that the graph took. */
  events = 0;
  added = 0;

  constructor(graph: KnowledgeGraph, evidence: TenantEvidence, onLearnt: (runId: string) => void) {
    this.graph = graph;
    this.evidence = evidence;
    this.#onLearnt = onLearnt;
  }

  /** Reads the next events of a run. */
  async take(reader: FactReader, runId: string, events: readonly RunEvent[]): Promise<void> {
    for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) {
      this.#learn(reader, runId, events.slice(at, at + EVENTS_AT_ONCE));
      if (this.#pace.isOver()) await this.#pace.rest();
    }
  }

  #learn(reader: FactReader, runId: string, events: readonly RunEvent[]): void {
    const { facts, reuses } = reader.read(runId, events);
    this.events += events.length;
    let isNew = false;
    for (const fact of facts) {
      const isAdded = this.graph.add(fact);
      if (isAdded) this.added++;
      if (this.evidence.add(fact) || isAdded) isNew = true;
    }
    for (const reuse of reuses) {
      if (this.graph.noteReuse(reuse)) isNew = true;
    }
    if (isNew) this.#onLearnt(runId);
  }
}
