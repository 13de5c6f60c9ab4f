import type { Attempt } from "../../actors/attempt.ts";
import { ACTOR_SYSTEM } from "../../workflows/mod.ts";
import { type AuditLog, recordDenial } from "../audit/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { nameOfSystem } from "./attempt_desk.ts";
import type { HostedSystems } from "./hosted_systems.ts";
import type { PartitionTable } from "./partition_table.ts";

export interface CellListenersOptions {
  table: Pick<PartitionTable, "finish" | "report">;
  systems: Pick<HostedSystems, "find" | "forgetCell">;
  /** Where denied accesses go on record, once it is open. */
  audit: () => AuditLog | null;
  /** Key of each agent of a run that has attempts here. */
  agentKeysOf: (runId: string) => ReadonlyMap<string, string> | undefined;
}

/** Passes what cells say on: to the partition of the run, or to the actor system of its workflow. */
export function listenToCells(
  cells: Pick<Cells, "listen">,
  { table, systems, audit, agentKeysOf }: CellListenersOptions,
): void {
  cells.listen({
    onResults: (results) => table.finish(results),
    onReport: (id, report) => {
      if (report.type === "permission") recordDenial(audit(), id, report);
      table.report(id, report);
    },
    onMessage: (cell, flight, item) => {
      const key = agentKeysOf((flight.work as Attempt).runId)?.get(ACTOR_SYSTEM);
      const system = key === undefined ? null : systems.find(nameOfSystem(key));
      system?.onAttemptMessage(cell, flight, item);
      return system !== null;
    },
    onCellGone: (cell) => systems.forgetCell(cell),
  });
}
