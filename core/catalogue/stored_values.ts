import { type CatalogueEntry, entry } from "./entry.ts";

/** What may be wrong with values, journals and logs that are in a store. */
export const STORED_VALUE_ERRORS = {
  BLOB_MISSING: entry(
    "terminal",
    "A stored value is not there any more.",
    "The state directory was altered: restore it from a backup.",
  ),
  BLOB_CORRUPT: entry(
    "invariant",
    "A stored value does not match its SHA-256.",
    "The disk or the state directory is damaged: restore it from a backup.",
  ),
  DOCUMENT_KEY_WRONG: entry(
    "invalid_input",
    "The name of a document is empty, or holds what a store cannot keep.",
    "Use at least one character, no character of code 0 and whole surrogate pairs.",
  ),
  STORED_VALUE_TOO_LARGE: entry(
    "invalid_input",
    "A value or a name is larger than the store takes.",
    "Split it, or keep large data in files and send their names.",
  ),
  VALUE_CORRUPT: entry(
    "invariant",
    "A stored value does not match its checksum, or is missing.",
    "The disk or the state directory is damaged: restore it from a backup.",
  ),
  AUDIT_BROKEN: entry(
    "invariant",
    "An entry of the audit log was altered, dropped or moved.",
    "Find out who could write to the state directory, and compare with a backup.",
  ),
  AUDIT_OVERFLOW: entry(
    "terminal",
    "Entries were left out of the audit log: too many different ones at once.",
    "Nothing: the entry says how many. Those before and after it show what was going on.",
  ),
  JOURNAL_INCOMPLETE: entry(
    "invariant",
    "The journal of a run lacks its beginning.",
    "The state directory was altered: restore it from a backup.",
  ),
  SNAPSHOT_MISPLACED: entry(
    "invariant",
    "A snapshot of a run does not fit the run's events.",
    "Nothing is lost: the run was folded from its events instead. Please report it.",
  ),
} satisfies Record<string, CatalogueEntry>;
