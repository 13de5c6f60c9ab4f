import { type CatalogueEntry, entry } from "./entry.ts";

/** Which actor systems a store has, and who leads them and the partitions of runs beside them. */
export const SYSTEM_ERRORS = {
  SYSTEM_NOT_FOUND: entry(
    "invalid_input",
    "No actor system of this name was ever started in the state directory.",
    "`actors list` shows those that were.",
  ),
  SYSTEM_UNCLEAR: entry(
    "invalid_input",
    "The state directory has several actor systems, and none was named.",
    "Name one; `actors list` shows them.",
  ),
  DEAD_LETTER_NOT_FOUND: entry(
    "invalid_input",
    "No dead letter has this id: it may have been replayed or dropped.",
    "`dead-letters list` shows the ids.",
  ),
  PARTITION_TAKEN: entry(
    "conflict",
    "Another process took these runs over first.",
    "Nothing: that process goes on with them.",
  ),
  FENCED: entry(
    "conflict",
    "A write was refused because another node leads the partition now.",
    "Nothing was written. The other node goes on with these runs.",
  ),
  SYSTEM_TAKEN: entry(
    "conflict",
    "Another process leads the actor system, or claimed it first.",
    "Stop that process, or choose another `--data DIR`.",
  ),
  SYSTEM_NOT_LED: entry(
    "conflict",
    "No living process leads the actor system.",
    "Start it with `actors run FILE` first.",
  ),
  NO_PARTITION_FREE: entry(
    "conflict",
    "Too many processes work on one state directory, or have crashed there.",
    "`runs resume` continues what crashed; or choose another `--data DIR`.",
  ),
} satisfies Record<string, CatalogueEntry>;
