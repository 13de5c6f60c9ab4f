/**
 * What the module of an agent says of itself: the manifest that its author wrote. It is a claim
 * until the handshake has held the agent to it.
 *
 * @module
 */
import type { Json, JsonObject } from "../core/json.ts";
import type { Permissions } from "./manifest.ts";

/** A task by which an agent may be tried, and what should come of it. */
export interface CapabilityExample {
  input: Json;
  /** Absent: any output that fits the schema. */
  output?: Json;
}

/** Something that an agent says it can do. */
export interface CapabilityDeclaration {
  name: string;
  /** JSON Schema 2020-12; `null` where the module gives none, or one that cannot be written so. */
  input: JsonObject | null;
  output: JsonObject | null;
  /** Wider capabilities: whoever asks for one of them may get this. */
  isA: string[];
  /** Capabilities that this is a step of. */
  partOf: string[];
  examples: CapabilityExample[];
}

/** The manifest as the module writes it, checked for form. */
export interface AgentDeclaration {
  name: string;
  /** Semantic version. */
  version: string | null;
  description: string | null;
  /** What it asks for, as it was written; `null` where it says nothing. */
  permissions: Partial<Permissions> | null;
  /** Attempts at once in one worker. */
  concurrency: number | null;
  /** Price of one attempt, in US dollars. */
  costUsd: number;
  /** Whether it has a `bid` of its own. */
  bids: boolean;
  /** By name. */
  capabilities: CapabilityDeclaration[];
}

/** Bounds of a manifest; what is beyond is refused, `AGENT_MANIFEST_INVALID`. */
export const DECLARATION_LIMITS = {
  capabilitiesMax: 256,
  kinMax: 16,
  nameCharsMax: 128,
  textCharsMax: 2_048,
  examplesMax: 20,
  exampleCharsMax: 16_384,
  schemaCharsMax: 65_536,
  /** All of it as JSON text. */
  charsMax: 2 * 1024 * 1024,
  grantsMax: 64,
  concurrencyMax: 10_000,
  costUsdMax: 1_000_000,
} as const;
