import { InvalidInputError } from "../../core/errors.ts";

/**
 * Over KV Connect each page of a list is of another instant, and no order of reading mends that: a
 * message's handled mark and the state that its handling left, or a wish and the events that it led
 * to, are written together and would be read apart. The server keeps all of it in one SQLite file,
 * of which a copy of one instant can be had.
 */
export function overKvConnect(wish: "back up" | "restore"): InvalidInputError {
  return new InvalidInputError("BACKUP_UNSUPPORTED", {
    message: `Cannot ${wish} over KV Connect: it does not show one instant of the store`,
    hint: wish === "back up"
      ? "On the server's machine, name its file instead: --store kv:FILE (as its --sqlite-path)"
      : "On the server's machine, restore with --store kv:FILE, then start the server on that file",
  });
}
