/**
 * An actor system as people write it: the YAML of a file, or an object in code. What is left out
 * has a default; see `docs/actor-system.schema.json` for each.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";
import type { RestartType, Strategy } from "../supervision/mod.ts";

/** A number with a unit, such as `250ms`, `30s`, `10m`, `2h` or `7d`. */
export type DurationText = string;

/** A whole actor system. */
export interface SystemInput {
  /** Its name: small letters, digits and hyphens. */
  system: string;
  /** What the system does, in words. */
  description?: string;
  /** Actors by name. */
  actors: Record<string, ActorInput>;
  /** Activations at once. Default 1000. */
  resident?: number;
  /** The root of the supervision tree. */
  supervisor?: SupervisorInput;
  /** Topics with history or rules. */
  topics?: TopicInput[];
  /** Who gets what is published. */
  subscriptions?: SubscriptionInput[];
  /** How long ids of messages are remembered (10m), and how many (100,000). */
  deduplicate?: { window?: DurationText; ids?: number };
}

/** An actor of a system. */
export interface ActorInput {
  /** Path of the module. */
  module: string;
  /** What it may reach; nothing by default. */
  permissions?: PermissionsInput;
  /** `shared` (default): one cell holds many activations; `own`: a cell for each. */
  isolation?: "shared" | "own";
  /** Cells kept warm (0) and at most (2). */
  replicas?: { min?: number; max?: number };
  /** Memory of one cell in MiB. Default 256. */
  memoryMb?: number;
  /** Messages (1000) and characters (8,388,608) that may wait for one activation. */
  mailbox?: { messages?: number; chars?: number };
  /** Limit of one message (30s), or of that and of a cell's silence (5s). */
  timeout?: DurationText | { handle?: DurationText; heartbeat?: DurationText };
  /** An activation without messages for so long is passivated. Default 60s. */
  idle?: DurationText;
  /** Messages that one address takes per period (1s), and at once (those of a period). */
  rate?: { messages: number; per?: DurationText; burst?: number };
  /** Patterns of senders, and types of messages. Everything by default. */
  accept?: { from?: string[]; messages?: string[] };
  /** Attempts (5), pauses between them, and crashes until a message is poison (3). */
  deliver?: {
    maxAttempts?: number;
    backoff?: DelayInput & { jitter?: "full" | "none" };
    poisonAfter?: number;
  };
  /** Name of the key that payloads are encrypted with. */
  encrypt?: { key: string };
  /** Whether it may stop the whole system, by `ctx.stopSystem()`. Default false. */
  mayStopSystem?: boolean;
  /** `ctx.options`. */
  with?: JsonObject;
}

/** What an actor may reach. Anything that is not listed is denied. */
export interface PermissionsInput {
  /** Files and folders. */
  read?: string[];
  /** Files and folders; writing does not include reading. */
  write?: string[];
  /** `host` or `host:port`. */
  net?: string[];
  /** Names of environment variables. */
  env?: string[];
  /** Names of programs. They run with the full rights of the user. */
  run?: string[];
  /** Kinds of system information, as in `Deno.permissions`. */
  sys?: string[];
  /** Native libraries. They run with the full rights of the user. */
  ffi?: string[];
  /** Hosts that modules may be imported from. */
  import?: string[];
}

/** A delay that grows: the first, its growth, and the longest. */
export interface DelayInput {
  /** The first delay. */
  initial?: DurationText;
  /** Growth from one delay to the next, 1 or more. Default 2. */
  factor?: number;
  /** The longest delay. Default 30s. */
  max?: DurationText;
}

/** A supervisor. */
export interface SupervisorInput {
  /** Who is restarted with a child that crashed. Default `one_for_one`. */
  strategy?: Strategy;
  /** Restarts (3) that are allowed in a time (5s). */
  intensity?: { restarts?: number; within?: DurationText };
  /** How long a restart waits; not at all at first. */
  delay?: DelayInput;
  /** In the order in which they are started. */
  children?: ChildInput[];
}

/** The name of an actor, for its instance `main`; or an actor or a supervisor with its options. */
export type ChildInput = string | ActorChildInput | SupervisorChildInput;

/** One instance of an actor, or several. */
export interface ActorChildInput {
  /** Name of the actor. */
  actor: string;
  /** Names the instance. Default `main`. */
  key?: string;
  /** Instances with the keys 1, 2, 3 and so on; not beside `key`. */
  count?: number;
  /** Default `permanent`. */
  restart?: RestartType;
  /** How long it may take to stop, `kill` or `infinity`. Default 5s. */
  shutdown?: DurationText;
}

/** A supervisor below another. */
export interface SupervisorChildInput extends SupervisorInput {
  /** Its name, unique in the system. */
  supervisor: string;
  /** In the order in which they are started. */
  children: ChildInput[];
  /** Default `permanent`. */
  restart?: RestartType;
  /** How long it may take to stop, `kill` or `infinity`. Default `infinity`. */
  shutdown?: DurationText;
}

/** What holds for topics that a pattern covers. */
export interface TopicInput {
  /** A topic, or a pattern of topics. */
  name: string;
  /** Messages (1000) and characters (8,388,608) that are kept, and how long. Default: nothing. */
  retain?: { messages?: number; chars?: number; age?: DurationText };
  /** Whether messages survive a crash. Default false. */
  durable?: boolean;
  /** Patterns of addresses that may publish. Everybody by default. */
  publish?: string[];
}

/** Who gets what is published. */
export interface SubscriptionInput {
  /** A topic, or a pattern of topics. */
  topic: string;
  /** Address of an actor. */
  to: string;
  /** Type of the message that each becomes. Default `event`. */
  message?: string;
  /** Of all subscriptions of a group, each message goes to one. */
  group?: string;
  /** Only messages with one of these tags. All by default. */
  tags?: string[];
  /** Lane of the messages. Default: that of the publisher. */
  lane?: "high" | "normal" | "low";
}
