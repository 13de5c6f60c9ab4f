/**
 * A node and its read side: what the CLI, the control plane and embedding programs start.
 *
 * @module
 */
export { type ActorSystem, type ActorSystemOptions, openActorSystem } from "./actor_system.ts";
export type { OutgoingMessage } from "./actor_system.ts";
export { type AuditReader, openAuditReader } from "./audit_reader.ts";
export type {
  DenizenNode,
  NodeOptions,
  RunHandle,
  RunUpdate,
  SubmitOptions,
} from "./denizen_node.ts";
export { openNode, openNodeWith } from "./node.ts";
export { findClient, openClient } from "./open_client.ts";
export {
  InvalidWorkflowError,
  type LoadedWorkflow,
  type LoadOptions,
  loadWorkflow,
  type SystemPackage,
  type WorkflowPackage,
} from "./packages.ts";
export { parseAside } from "./parse_aside.ts";
export type { StorePlace } from "./open_store.ts";
export { openReader, type RunReader, type RunSummary } from "./reader.ts";
export type { SharedAgents } from "./registered_agents.ts";
