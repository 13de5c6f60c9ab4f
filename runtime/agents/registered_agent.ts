/**
 * Registered agents as they are read.
 *
 * @module
 */
import type { Permissions } from "../../actors/manifest.ts";
import type { JsonObject } from "../../core/json.ts";

/** What a registered agent can do. */
export interface RegisteredCapability {
  /** JSON Schema 2020-12; absent where the module gives none. */
  input?: JsonObject;
  output?: JsonObject;
  /** Wider capabilities. */
  isA: string[];
  /** Capabilities that this is a step of. */
  partOf: string[];
  /** How many examples it was tried by. */
  examples: number;
}

/** A claim that an agent did not keep. */
export interface AgentFinding {
  /** `null`: it concerns the agent as a whole. */
  capability: string | null;
  code: string;
  message: string;
}

/**
 * `ready`: it kept what it claims and may get tasks. `refused`: it did not; the findings say why.
 * `checking`: it is being tried.
 */
export type AgentStatus = "ready" | "refused" | "checking";

/** One version of a registered agent. */
export interface RegisteredAgent {
  /** `name@1.2.0`. */
  ref: string;
  name: string;
  /** Semantic version. */
  version: string;
  /** `null`: shared, tasks of every tenant may get it. */
  tenant: string | null;
  description: string | null;
  /** Path of the module as it was given; of one that came as text its name among the files. */
  module: string;
  /** SHA-256 (hex) of the bundled code. */
  codeHash: string;
  /** SHA-256 (hex) of the manifest as the module gave it at the handshake. */
  manifestHash: string;
  /** By name, without a prototype: look names up with `Object.hasOwn`. */
  capabilities: Record<string, RegisteredCapability>;
  /** What it was granted, every path absolute and real. */
  permissions: Permissions;
  /** Attempts at once in one worker. */
  concurrency: number;
  replicas: { min: number; max: number };
  memoryMb: number;
  /** Price of one attempt, in US dollars. */
  costUsd: number;
  /** Whether it bids in auctions. */
  bids: boolean;
  status: AgentStatus;
  findings: AgentFinding[];
  /** Epoch milliseconds. */
  registeredAt: number;
  registeredBy: string;
  /** When the last handshake ended, in epoch milliseconds; `null` before the first. */
  checkedAt: number | null;
}

/** A version, with the others of its name. */
export interface AgentDetail extends RegisteredAgent {
  /** All versions of the name, newest first. */
  versions: string[];
}
