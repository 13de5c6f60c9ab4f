/**
 * Agents and knowledge of a store without a node: for commands on the machine where the store is.
 *
 * @module
 */
import type { AuditLog } from "../audit/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { openAgentServices } from "../node/agent_services.ts";
import { systemClock } from "../node/clock.ts";
import { loadWorkflow } from "../node/mod.ts";
import type { Stores } from "../node/open_store.ts";
import type { AgentDesk } from "./agent_desk.ts";
import type { KnowledgeDesk } from "./knowledge_desk.ts";
import { NodeAgentDesk } from "./node_agent_desk.ts";
import { NodeKnowledgeDesk } from "./node_knowledge_desk.ts";
import { PackageReader } from "./package_reader.ts";
import { SourceFolder } from "./source_folder.ts";
import { StoredRegistry } from "./stored_registry.ts";
import { WorkflowRecords } from "./workflow_records.ts";

/** Somebody asked once, and wants the whole. */
const READY_WITHIN_MS = 600_000;

/** Options of {@linkcode openStoreDesks}. */
export interface StoreDesksOptions {
  stores: Stores;
  audit: AuditLog;
  /** Registered agents are asked their examples in them. */
  cells: Cells;
  dataDir: string;
}

/** See {@linkcode openStoreDesks}. */
export interface StoreDesks {
  readonly agents: AgentDesk;
  readonly knowledge: KnowledgeDesk;
  /** Stores and cells stay open. */
  close(): Promise<void>;
}

/** Opens the desks that need no node: nothing is in flight here. */
export async function openStoreDesks(options: StoreDesksOptions): Promise<StoreDesks> {
  const { stores, audit, cells, dataDir } = options;
  let trouble: unknown = null;
  const services = await openAgentServices({
    stores,
    audit,
    cells,
    dataDir,
    clock: systemClock,
    // Nothing runs here that could ask what was learnt.
    tenantOf: () => undefined,
    onChange: () => {},
    onError: (error) => void (trouble ??= error),
  });
  const packages = new PackageReader(stores.runs);
  const load = (file: string) =>
    loadWorkflow(file, { cacheDir: `${dataDir}/bundles`, describe: () => Promise.resolve(null) });
  const workflows = new StoredRegistry({
    records: new WorkflowRecords(stores.documents, () => performance.now()),
    blobs: stores.runs,
    packages,
    sources: new SourceFolder(dataDir, load),
    load,
    now: () => Date.now(),
  });
  const { registry, knowledge } = services;
  return {
    agents: new NodeAgentDesk({
      node: { stores, runs: { inspectCells: () => [] }, agents: registry, knowledge },
      workflows,
      packages,
      reports: { all: () => Promise.resolve({ groups: [], missing: [] }) },
      now: () => Date.now(),
      readyWithinMs: READY_WITHIN_MS,
    }),
    knowledge: new NodeKnowledgeDesk(knowledge, { readyWithinMs: READY_WITHIN_MS }),
    close: async () => {
      await services.close();
      if (trouble !== null) throw trouble;
    },
  };
}
