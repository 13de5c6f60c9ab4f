import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** How a store refuses to be used, and what comes of backups of it. */
export const STORAGE_ERRORS = {
  STORE_UNAVAILABLE: entry(
    "unavailable",
    "The store does not answer.",
    "Check the disk with `doctor`, then try again.",
    TRANSIENT,
  ),
  STORE_ACCESS_REFUSED: entry(
    "unavailable",
    "The database server refuses the user, the database, the schema or the access token of the store.",
    "Check user, password and database in `--store`, or `DENO_KV_ACCESS_TOKEN`; the message says what is missing.",
  ),
  STORE_VERSION_WRONG: entry(
    "unavailable",
    "The database server is too old or speaks another protocol, or a newer Denizen has changed the tables of the store.",
    "Upgrade the server; or use the newer Denizen, or another schema with `?schema=NAME`.",
  ),
  FILE_EXISTS: entry(
    "conflict",
    "The file that is to be written is there already.",
    "Name another file, or replace it with `--force`.",
  ),
  FILE_NOT_WRITTEN: entry(
    "unavailable",
    "The system refuses to write a file: no room, or no rights.",
    "Make room, or name a file elsewhere. Nothing was left there.",
  ),
  BACKUP_UNREADABLE: entry(
    "invalid_input",
    "The file is no backup, or a newer Denizen made it.",
    "Name a file that `backup FILE` made, or use the newer Denizen.",
  ),
  BACKUP_UNSUPPORTED: entry(
    "invalid_input",
    "A backup cannot be made or restored over KV Connect, which shows no single instant of a store.",
    "Do it where the server's SQLite file is, with `--store kv:FILE`.",
  ),
  BACKUP_CORRUPT: entry(
    "invariant",
    "A backup is not what was written: it was altered, or cut off.",
    "Use another copy of it, or an earlier backup.",
  ),
  RESTORE_NOT_EMPTY: entry(
    "conflict",
    "A backup is to be restored into a place where something is.",
    "Name an empty place; a store is never overwritten.",
  ),
  RESTORE_DIFFERS: entry(
    "invariant",
    "What was copied is not what is read back.",
    "Nothing was left behind. Try again on another disk or server, and please report it.",
  ),
} satisfies Record<string, CatalogueEntry>;
