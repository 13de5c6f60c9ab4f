/**
 * Registered workflows as they are read. Instants are ISO 8601.
 *
 * @module
 */
import type { Issue } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { WorkflowDefinition } from "../../workflows/mod.ts";

/** A workflow to register, check or run at once. */
export interface WorkflowSource {
  /** YAML or JSON text of the workflow file, or what it says as an object. */
  source: string | JsonObject;
  /**
   * Text of the agents' modules, and of what they import, by path relative to the workflow file.
   * Without it, `module:` paths must be absolute paths on the server.
   */
  files?: Record<string, string>;
}

/** One version of a registered workflow. */
export interface WorkflowVersion {
  name: string;
  /** `null`: shared, every tenant may run it. */
  tenant: string | null;
  /** Version that the file states. */
  version: string | null;
  /** SHA-256 (hex) of definition and code. */
  hash: string;
  registeredAt: string;
  registeredBy: string;
  /** Whether `name` alone means this one: the last that was registered. */
  isLatest: boolean;
}

/** One line of the list: the latest version. */
export interface WorkflowSummary extends WorkflowVersion {
  description: string | null;
  /** Versions that are kept. */
  versions: number;
  tasks: number;
  /** Names of its agents. */
  agents: string[];
}

/** A version with all that is known of it. */
export interface WorkflowDetail extends WorkflowVersion {
  /** Another one after each change of the workflow's versions; for `ETag` and `If-Match`. */
  etag: string;
  definition: WorkflowDefinition;
  /** The file as it was given: YAML or JSON text. */
  source: string;
  /** Paths of the files that came with it, and their sizes in bytes of UTF-8. */
  files: { path: string; bytes: number }[];
  /** By agent: hash of its bundled code, and its capabilities where a task asks for one. */
  agents: Record<string, { codeHash: string; capabilities: string[] }>;
  /** Tasks and what they wait for, as {@linkcode RunGraph} has them. */
  graph: TaskNode[];
  /** What the author should look at; only in the answer to a registration. */
  warnings?: Issue[];
}

/** One task of a graph. */
export interface TaskNode {
  id: string;
  kind: TaskKind;
  /** Agent or agents that may do it, best first; none for a task without. */
  agents: string[];
  /** Agent named by the file, or the first that offers the capability; `null` for none. */
  agent: string | null;
  needs: string[];
  /** CEL text of the list that it runs over; `null` for a plain task. */
  forEach: string | null;
  /** CEL text; `null` without a condition. */
  if: string | null;
  /** Capability that it asks for; `null` where the file names the agent, or none does it. */
  capability: string | null;
  /** Several agents do it; `null` where one does. */
  contest: ContestPlan | null;
  /** Whether items of it may fail. */
  continueOnError: boolean;
}

/** How one result is made of what several agents return. */
export interface ContestPlan {
  way: "vote" | "judge" | "merge";
  /** Agents that the file asks for: fewer do it where fewer can. */
  of: number;
  /** Agent that judges or merges; `null` where none does. */
  by: string | null;
}

/** What does a task. */
export type TaskKind = "agent" | "capability" | "value" | "emit" | "wait" | "signal";

/** What a check of a workflow found. */
export interface ValidationResult {
  valid: boolean;
  /** Name that the file states, where it could be read. */
  name: string | null;
  version: string | null;
  /** Errors and warnings by position. */
  issues: Issue[];
}
