import type { Clock } from "../../core/ports.ts";
import { type AgentRegistry, openAgentRegistry } from "../agents/mod.ts";
import { AgentMarkets } from "../assignment/mod.ts";
import type { AuditLog } from "../audit/mod.ts";
import type { Cells, RecallHandler } from "../cells/mod.ts";
import { type KnowledgeBase, openKnowledge } from "../knowledge/mod.ts";
import type { Stores } from "./open_store.ts";

/** What a node needs to find agents for tasks. */
export interface AgentServicesOptions {
  stores: Stores;
  audit: AuditLog;
  cells: Cells;
  dataDir: string;
  clock: Clock;
  /** Whose a run is that this node works on; `undefined`: it does not. */
  tenantOf: (runId: string) => string | null | undefined;
  /** Somebody may be found now who was not before. */
  onChange: () => void;
  onError: (error: unknown) => void;
}

/** The agents that are registered, what the journals tell of all agents, and the choice among them. */
export interface AgentServices {
  readonly registry: AgentRegistry;
  readonly knowledge: KnowledgeBase;
  readonly markets: AgentMarkets;
  /** Earlier solutions for an attempt of this node: what its run's tenant may see. */
  recall: RecallHandler;
  close(): Promise<void>;
}

/** Opens them. The journals are read when a run first needs somebody to be chosen. */
export async function openAgentServices(options: AgentServicesOptions): Promise<AgentServices> {
  const { stores, audit, cells, dataDir, clock, onChange, onError } = options;
  const registry = await openAgentRegistry({
    documents: stores.documents,
    blobs: stores.runs,
    cells,
    dataDir,
    now: () => clock.now(),
    audit,
    onError,
  });
  const knowledge = openKnowledge({ stores, now: () => clock.now(), onTrouble: onError });
  const markets = new AgentMarkets({ registry, knowledge, onChange, onError });
  return {
    registry,
    knowledge,
    markets,
    recall: async ({ runId }, { text, capability, limit }) => {
      // Another node leads the run by now: nobody says here what it may see.
      const tenant = options.tenantOf(runId);
      if (tenant === undefined) return [];
      await knowledge.readyForTexts();
      const kind = capability ?? undefined;
      const found = knowledge.graph.recall(text, { capability: kind, limit, tenant });
      return found.map((
        { text, output, agent, capability, runId, task, index, at, similarity },
      ) => ({
        text,
        output: output ?? null,
        agent,
        capability,
        runId,
        task,
        index,
        at,
        similarity,
      }));
    },
    close: async () => {
      markets.close();
      await knowledge.close();
      await registry.close();
    },
  };
}
