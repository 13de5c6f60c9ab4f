/**
 * Actor systems at work: activations in cells, messages between them, supervision, durable mail.
 *
 * @module
 */
export {
  type ActorContent,
  ActorSystem,
  type ActorSystemOptions,
  type SystemStats,
  type TellOptions,
} from "./actor_system.ts";
export type { Lease } from "./lease_gate.ts";
export { toSealFault } from "./refusals.ts";
export { KeyRing, loadKeyRing } from "./key_ring.ts";
export { loadDefinition, type LoadedSystem, loadSystem } from "./load_system.ts";
export { Outgoing } from "./outgoing.ts";
export type { SystemNews } from "./parts.ts";
export type { AskOptions, SystemDoor } from "./system_door.ts";
export type { Publication } from "./topic_desk.ts";
export type { Wish } from "./wish_reader.ts";
