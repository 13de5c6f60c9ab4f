import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** What a supervision tree refuses, and why it gives up. */
export const SUPERVISION_ERRORS = {
  INVALID_SUPERVISOR: entry(
    "invalid_input",
    "A supervisor or one of its children is described wrongly.",
    "The message names the key and what may stand there.",
  ),
  DUPLICATE_CHILD: entry(
    "invalid_input",
    "Two children of one supervision tree have the same id or the same address.",
    "Give each child an id and a key of its own.",
  ),
  RESTART_INTENSITY: entry(
    "terminal",
    "A supervisor restarted its children more often than its intensity allows, and gave up.",
    "Read why the child named in the details crashed. Raise `intensity` or `delay` only when such crashes are expected.",
  ),
  CHILD_NOT_FOUND: entry(
    "invalid_input",
    "The supervision tree has no such child or supervisor.",
    "`actors tree` lists the ids.",
  ),
  CHILD_EXISTS: entry(
    "conflict",
    "The supervision tree has a child of this id or address already.",
    "Restart that child, or delete it first.",
  ),
  CHILD_RUNNING: entry(
    "conflict",
    "The child is running, and the request needs it stopped.",
    "Terminate the child first.",
  ),
  CHILD_RESTARTING: entry(
    "conflict",
    "The child is about to be restarted by its supervisor.",
    "Wait for the restart, or terminate the child first.",
  ),
  SUPERVISOR_BUSY: entry(
    "unavailable",
    "The supervisor is starting or stopping a child and does one thing at a time.",
    "Try again when that child has started or stopped.",
    TRANSIENT,
  ),
  SUPERVISION_RUNNING: entry(
    "conflict",
    "The supervision tree was started before.",
    "Stop it first.",
  ),
  SUPERVISION_STOPPED: entry(
    "conflict",
    "The supervisor does not run.",
    "Start the tree, or the supervisor, first.",
  ),
  STALE_REPORT: entry(
    "conflict",
    "A report was about an instance of an actor that is not alive any more.",
    "Nothing: the supervisor goes by the newer instance.",
  ),
} satisfies Record<string, CatalogueEntry>;
