/**
 * The agents of registered workflows and of recent runs.
 *
 * @module
 */
import type { PermissionsSpec } from "../../workflows/mod.ts";
import type { Sees } from "./caller.ts";

/** An agent of a workflow, and how it does. */
export interface AgentEntry {
  name: string;
  workflow: string;
  version: string | null;
  tenant: string | null;
  /** Hash of the package that the rest is taken from: the latest registered, or the last that ran. */
  packageHash: string;
  isRegistered: boolean;
  /** As the workflow file writes it. */
  module: string;
  codeHash: string;
  /** Known only where a task of the workflow asks for a capability. */
  capabilities: string[];
  permissions: PermissionsSpec;
  concurrency: number;
  replicas: { min: number; max: number };
  memoryMb: number;
  /** Of the last hour, over the nodes that answered. */
  attempts: number;
  failures: number;
  /** Of attempts that completed; `null` without any. */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Processes of this node that have it loaded, and attempts in flight in them. */
  cells: number;
  inFlight: number;
}

/** Reads the agents. */
export interface AgentCatalogue {
  /** By workflow and name. */
  list(tenant: string | null, options?: { sees?: Sees }): Promise<AgentEntry[]>;
}
