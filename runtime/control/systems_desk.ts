/**
 * Actor systems and their dead letters.
 *
 * @module
 */
import type { Json } from "../../core/json.ts";
import type { SystemSummary } from "../node/actor_reader.ts";
import type { TreeView } from "../../actors/supervision/mod.ts";
import type { Page } from "./caller.ts";

/** One line of the list of dead letters: all but the payload. Instants are ISO 8601. */
export interface DeadLetterSummary {
  id: string;
  system: string;
  /** Why it was given up. */
  reason: string;
  /** Code of the last failure. */
  code: string | null;
  from: string;
  to: string;
  type: string;
  attempts: number;
  /** Attempts that crashed the actor. */
  kills: number;
  at: string;
}

/** A dead letter in full. */
export interface DeadLetterDetail extends DeadLetterSummary {
  messageId: string;
  sentAt: string;
  topic: string | null;
  /** `null` where it was not kept. */
  payload: Json;
  /** Whether there is anything to replay: what should have been encrypted is not kept. */
  isKept: boolean;
  history: { at: string; code: string; message: string; isKill: boolean }[];
}

/** What came of a wish for a dead letter. */
export interface WishResult {
  id: string;
  system: string;
  /** Whether the system's leader dealt with it within two seconds; otherwise it will, once it lives. */
  isTaken: boolean;
}

/** Looks at actor systems, and deals with what they gave up. */
export interface SystemsDesk {
  systems(): Promise<SystemSummary[]>;
  /** As its leader last wrote it. @throws {InvalidInputError} `SYSTEM_NOT_FOUND` */
  tree(system: string): Promise<{ system: SystemSummary; tree: TreeView | null }>;
  /** Newest first. @param options `limit`: 1 to 200, default 50 */
  deadLetters(
    options?: { system?: string; limit?: number; cursor?: string },
  ): Promise<Page<DeadLetterSummary>>;
  /** @throws {InvalidInputError} `DEAD_LETTER_NOT_FOUND` */
  deadLetter(id: string): Promise<DeadLetterDetail>;
  /** Sends the message again. @throws {InvalidInputError} `DEAD_LETTER_NOT_FOUND` */
  replay(id: string): Promise<WishResult>;
  /** Forgets the message. @throws {InvalidInputError} `DEAD_LETTER_NOT_FOUND` */
  discard(id: string): Promise<WishResult>;
}

export type { SystemSummary, TreeView };
