/**
 * The parts of a running actor system, as they know each other.
 *
 * @module
 */
import type { SystemDefinition } from "../../actors/system/mod.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Seals } from "../cells/mod.ts";
import type { ActorType } from "./actor_type.ts";
import type { Activator } from "./activator.ts";
import type { AskDesk } from "./ask_desk.ts";
import type { Asks } from "./asks.ts";
import type { Courier } from "./courier.ts";
import type { DurableMail } from "./durable_mail.ts";
import type { LeaseGate } from "./lease_gate.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Router } from "./router.ts";
import type { TopicDesk } from "./topic_desk.ts";
import type { TreeKeeper } from "./tree_keeper.ts";

export interface Parts {
  readonly definition: SystemDefinition;
  /** Epoch milliseconds. */
  now(): number;
  /** Uniform in `[0, 1)`. */
  random(): number;
  /** By name. */
  readonly types: ReadonlyMap<string, ActorType>;
  readonly activator: Activator;
  readonly askDesk: AskDesk;
  readonly asks: Asks;
  readonly courier: Courier;
  /** `null`: nobody else can lead the system while this process lives. */
  readonly gate: LeaseGate | null;
  readonly mail: DurableMail;
  readonly outgoing: Outgoing;
  readonly router: Router;
  readonly topics: TopicDesk;
  readonly tree: TreeKeeper;
  /** Seals what comes from outside; `null` where no actor encrypts. */
  readonly seals: Seals | null;
  tell(news: SystemNews): void;
}

/** What a system tells whoever listens. */
export type SystemNews =
  /** A message that was not taken, or not delivered; it goes to the audit log. */
  | {
    type: "refused";
    from: string;
    to: string;
    messageType: string;
    error: ErrorData;
  }
  /** An actor broke. */
  | { type: "crashed"; address: string; error: ErrorData }
  /** An actor wrote a line. */
  | {
    type: "log";
    address: string;
    level: "debug" | "info" | "warn" | "error";
    message: string;
    fields?: JsonObject;
  }
  /** An actor asked the system for something that it may not have. */
  | {
    type: "denied";
    address: string;
    permission: string;
    value: string | null;
    message: string;
  }
  /** A durable message was given up. */
  | {
    type: "dead";
    letterId: string;
    from: string;
    to: string;
    messageType: string;
    reason: string;
  }
  /** Something in the supervision tree changed. */
  | { type: "tree"; event: string; lines: readonly string[] };
