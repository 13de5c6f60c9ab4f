/**
 * An actor system as data, after parsing: every default applied, every duration in milliseconds.
 * Plain JSON, so its canonical text has a hash. Paths stand as they were written; the runtime
 * resolves them.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";
import type { DeliveryPolicy } from "../delivery/mod.ts";
import type { Permissions } from "../manifest.ts";
import type { AccessRule, Lane, MailboxLimits, Rate } from "../messages/mod.ts";
import type { SupervisorSpec } from "../supervision/mod.ts";
import type { HistoryLimits } from "../topics/mod.ts";

/** A whole actor system file. */
export interface SystemDefinition {
  /** Small letters, digits and hyphens. */
  name: string;
  /** What the system does, in words. */
  description?: string;
  /** In the order of the file. */
  actors: ActorSpec[];
  /** Activations at once; beyond it the least recently used are passivated. */
  residentMax: number;
  /** The root of the supervision tree; it has the name of the system. */
  supervisor: SupervisorSpec;
  /** In the order of the file; for a topic that several patterns cover the first counts. */
  topics: TopicSpec[];
  /** In the order of the file. */
  subscriptions: SubscriptionSpec[];
  /** Which message ids are remembered, so that a message that comes twice is handled once. */
  deduplicate: { windowMs: number; idsMax: number };
}

/** One entry of `actors:`. */
export interface ActorSpec {
  /** The name under `actors:`, as in `actor://name/key`. */
  name: string;
  /** Path of the module, as written, relative to the system file. */
  module: string;
  /**
   * What it may reach, as written: relative paths begin at the folder from which the system is
   * started. Anything that is not listed is denied.
   */
  permissions: Permissions;
  /** Whether activations share cells, or each has a cell of its own. */
  isolation: "shared" | "own";
  /** Cells: `min` are kept warm, `max` is the limit. */
  replicas: { min: number; max: number };
  /** Limit on heap, buffers and code of one cell, in MiB. */
  memoryMb: number;
  /** What may wait for one activation. */
  mailbox: MailboxLimits;
  /** `handleMs`: for one message; `heartbeatMs`: longest silence of a cell before it is killed. */
  timeout: { handleMs: number; heartbeatMs: number };
  /** An activation without messages for so long is passivated. */
  idleMs: number;
  /** How many messages one address takes; absent means as many as come. */
  rate?: Rate;
  /** Who may send what; absent means everybody in the system, and external. */
  accept?: AccessRule;
  /** What becomes of durable messages whose handling failed. */
  deliver: DeliveryPolicy;
  /** Payloads are encrypted from end to end with the key of that name in the key ring. */
  encrypt?: { key: string };
  /** Whether it may stop the whole system; absent means that it may not. */
  mayStopSystem?: true;
  /** `ctx.options`. */
  options: JsonObject;
}

/** One entry of `topics:`: what holds for topics that the pattern covers. */
export interface TopicSpec {
  /** A topic, or a pattern of topics. */
  pattern: string;
  /** How much of the history is kept; with `messagesMax` 0 nothing is. */
  retain: HistoryLimits;
  /** Whether published messages survive a crash of the node. */
  durable: boolean;
  /** Patterns of addresses that may publish; absent means everybody in the system, and external. */
  publish?: string[];
}

/** One entry of `subscriptions:`. */
export interface SubscriptionSpec {
  /** A topic, or a pattern of topics. */
  topic: string;
  /** Address of the actor that gets the messages. */
  to: string;
  /** Type of the message that each becomes. */
  message: string;
  /** Of all subscriptions of one group, each message goes to one. */
  group?: string;
  /** Only messages with one of these tags at least. */
  tags?: string[];
  /** The lane of the message, instead of that of the publisher. */
  lane?: Lane;
}
