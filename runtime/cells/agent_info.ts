import { createHash } from "node:crypto";
import type { AgentDeclaration } from "../../actors/declaration.ts";
import { type ITEM, toPlainText, type WorkerItem } from "../../actors/frames.ts";
import { readDeclaration } from "../../actors/read_declaration.ts";
import type { ErrorData } from "../../core/errors.ts";
import { canonicalJson, type Json } from "../../core/json.ts";

/** What a module says of itself. */
export interface AgentInfo {
  kind: "agent" | "actor";
  name: string;
  /** Of an agent by name; of an actor: the types of its messages. */
  capabilities: string[];
  /** Whether the node is to keep the state of its activations. */
  isPersistent: boolean;
  /** Of an agent: its manifest. */
  manifest: AgentDeclaration | null;
  /** SHA-256 (hex) of the manifest's canonical JSON. */
  manifestHash: string | null;
}

/** A worker says that it has loaded a module. */
export type LoadedItem = Extract<WorkerItem, [typeof ITEM.LOADED, ...unknown[]]>;

/** Messages of an actor that are listed, and characters of the name of each. */
const TYPES_MAX = 256;
const NAME_CHARS_MAX = 256;

/** What a worker says of its module, or why that cannot be. */
export function readAgentInfo(
  [, name, types, kind, isPersistent, manifest]: LoadedItem,
): { info: AgentInfo } | { error: ErrorData } {
  const read = kind === 0 ? readDeclaration(manifest) : null;
  if (read !== null && read.problem !== null) {
    const message = toPlainText(`The agent's manifest ${read.problem}`);
    return { error: { code: "AGENT_MANIFEST_INVALID", message } };
  }
  const declaration = read?.declaration ?? null;
  const info: AgentInfo = {
    kind: kind === 1 ? "actor" : "agent",
    name: toPlainText(name, NAME_CHARS_MAX),
    capabilities: declaration?.capabilities.map((each) => each.name) ??
      types.slice(0, TYPES_MAX).map((each) => toPlainText(each, NAME_CHARS_MAX)),
    isPersistent,
    manifest: declaration,
    manifestHash: declaration === null ? null : hashOf(declaration),
  };
  return { info };
}

function hashOf(declaration: AgentDeclaration): string {
  const text = canonicalJson(declaration as unknown as Json);
  return createHash("sha256").update(text).digest("hex");
}
