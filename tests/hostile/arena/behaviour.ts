/**
 * What one row of the hostile suite is: the attack, and what is promised of it.
 *
 * @module
 */
import type { AuditEntry } from "../../../core/audit_log.ts";
import type { Json } from "../../../core/json.ts";
import type { Arena } from "./arena.ts";

/** Definitions of the system under attack; see {@linkcode Arena}. */
export type Attacker =
  /** Alone in its cell, without permissions. The rule. */
  | "villain"
  /** Shares its cell with others of its definition. */
  | "mob"
  /** Alone, and its state is kept. */
  | "hoarder"
  /** Alone; may run `/bin/sleep`. */
  | "runner"
  /** Alone; may read and write one folder. */
  | "writer"
  /** An agent: stateless, its work runs side by side. */
  | "agent";

/** One row of the audit log that must be there. */
export interface AuditWanted {
  kind: string;
  code: string;
  /** Default: the attacker's address. */
  from?: string;
  /** Must be in the message. */
  message?: RegExp;
}

/** What the attack came to, as far as the asker can tell. */
export interface Outcome {
  /** `null`: the handler answered. */
  code: string | null;
  message: string;
  answer: Json;
}

export interface Attack {
  arena: Arena;
  address: string;
  /** Type of the message that starts the attack. */
  type: string;
  /** Process of the attacker before it began. */
  pid: number;
}

export interface Behaviour {
  name: string;
  /** Default `villain`. */
  by?: Attacker;
  /** Body of the handler; sees `input` and `ctx`, and the `forge()` of the attackers' module. */
  body: string;
  input?: (arena: Arena) => Json | Promise<Json>;
  /** Drives the attack; left out, the attacker is asked once. */
  drive?: (attack: Attack) => Promise<Outcome>;
  /** Codes that the asker may see; `answered` when the handler is to come through. */
  ends: string[];
  /** The stated time in which the asker has its answer or, with `cellEnds`, the process is gone. */
  withinMs: number;
  /** The process of the attacker is gone within the stated time. */
  cellEnds?: boolean;
  /**
   * All of these are in the audit log; `crash` stands for one with the code that the asker saw.
   * Empty: nothing need be there, and `silence` says why that is right.
   */
  audit: AuditWanted[] | "crash";
  /** Why the audit log has nothing to say of it. */
  silence?: string;
  /** What else must hold. */
  verify?: (attack: Attack, outcome: Outcome, entries: AuditEntry[]) => Promise<void> | void;
}

/** What came of one row. */
export interface Verdict {
  behaviour: Behaviour;
  /** Empty when all that is promised held. */
  faults: string[];
  /** What stopped it, in a word or two. */
  end: string;
  endedMs: number;
  probeP99Ms: number;
  probeMaxMs: number;
  /** Memory that it cost the node. */
  nodeGrownBytes: number;
  tries: number;
  audit: string;
}
