import { createHash } from "node:crypto";
import type { AuditEntry, AuditHead, AuditLine, TalliedRecord } from "../../core/audit_log.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../../core/json.ts";

/** Puts records behind the head of a chain. */
export function chainLines(
  records: readonly TalliedRecord[],
  head: AuditHead,
): { lines: AuditLine[]; next: AuditHead } {
  let next = head;
  const lines = records.map((record) => {
    const seq = next.seq + 1;
    const entry: JsonObject = { ...plain(record), seq, previous: next.hash };
    const hash = hashOf(entry);
    next = { seq, hash };
    return { seq, text: canonicalJson({ ...entry, hash }) };
  });
  return { lines, next };
}

/** Canonical JSON leaves out members without a value; so does this. */
function plain(record: TalliedRecord): JsonObject {
  const { kind, from, to, code, message, details, at, count } = record;
  const common = { kind, from, to, code, message, at, count };
  return details === undefined ? common : { ...common, details };
}

/** SHA-256 of the entry without its own hash; the hash of the entry before is part of it. */
function hashOf(entry: JsonObject): string {
  return createHash("sha256").update(canonicalJson(entry)).digest("hex");
}

/** Why a line is not the one that was chained behind `before`; `null` when it is. */
export function findBreak(line: AuditLine, before: AuditHead): string | null {
  if (line.seq !== before.seq + 1) return `entry ${before.seq + 1} is missing`;
  const entry = parse(line.text);
  if (!isJsonObject(entry) || canonicalJson(entry) !== line.text) return "its text was altered";
  const { hash, ...rest } = entry;
  if (hash !== hashOf(rest)) return "its content does not match its hash";
  if (rest.previous !== before.hash) return "it does not follow the entry before";
  return rest.seq === line.seq ? null : "it has the number of another entry";
}

/** The entry of a line; `null` when it is none. */
export function readEntry({ text }: AuditLine): AuditEntry | null {
  const entry = parse(text);
  return isJsonObject(entry) && isEntry(entry) ? entry : null;
}

function isEntry(entry: JsonObject): entry is JsonObject & AuditEntry {
  const { kind, from, to, code, message, at, count, seq, previous, hash } = entry;
  return [kind, code, message, previous, hash].every((text) => typeof text === "string") &&
    [from, to].every((name) => name === null || typeof name === "string") &&
    [at, count, seq].every((number) => Number.isSafeInteger(number));
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
