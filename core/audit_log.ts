/**
 * The audit log: who was refused what, and when. Entries form a chain, each with the hash of the one
 * before, so that what was altered, dropped or moved afterwards shows.
 *
 * @module
 */
import type { JsonObject } from "./json.ts";

/** What a part of the system tells the audit log. */
export interface AuditRecord {
  /** What sort of thing happened: `refusal`, `stop`, … */
  kind: string;
  /** Who wanted it, as the node knows it: an address, or `external`; `null`: nobody. */
  from: string | null;
  /** What it was wanted of. */
  to: string | null;
  /** Code of the error that it was answered with. */
  code: string;
  message: string;
  /** Facts for machines; left out when they are large. */
  details?: JsonObject;
  /** How many times it happened. Default 1. */
  count?: number;
}

/** A record with the time when it happened first. */
export interface TalliedRecord extends AuditRecord {
  /** Epoch milliseconds. */
  at: number;
  count: number;
}

/** One link of the chain. */
export interface AuditEntry extends TalliedRecord {
  /** From 1, without gaps. */
  seq: number;
  /** `hash` of the entry before; 64 zeros for the first. */
  previous: string;
  /** SHA-256 (hex) of the canonical JSON text of this entry without `hash`. */
  hash: string;
}

/** The last link of the chain. */
export interface AuditHead {
  /** 0: there is none yet. */
  seq: number;
  hash: string;
}

/** What the first entry has in the place of the hash before it. */
export const AUDIT_GENESIS: AuditHead = { seq: 0, hash: "0".repeat(64) };

/** An entry as it is stored: canonical JSON text. */
export interface AuditLine {
  seq: number;
  text: string;
}

/**
 * Where the chain is kept: one for each data directory, for all of its processes. Every method may
 * throw `UnavailableError` `STORE_UNAVAILABLE`.
 */
export interface AuditStore {
  /** @throws {InvariantError} `VALUE_CORRUPT` when there are lines, and no head */
  head(): Promise<AuditHead>;
  /**
   * Appends lines, all or none, of 500 KiB together at most.
   *
   * @param expected the head that they were made for
   * @param next the head after them
   * @returns `false` when somebody else has appended meanwhile; nothing was written
   */
  append(lines: readonly AuditLine[], expected: AuditHead, next: AuditHead): Promise<boolean>;
  /** Lines in order from a number on. */
  lines(from: number, limit: number): Promise<AuditLine[]>;
}
