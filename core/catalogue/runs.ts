import { type CatalogueEntry, entry } from "./entry.ts";

/** What is said of a run, and of the streams that follow runs. */
export const RUN_ERRORS = {
  RUN_NOT_FOUND: entry(
    "invalid_input",
    "No run has this id.",
    "`runs list` shows the ids.",
  ),
  SOCKET_MESSAGE_WRONG: entry(
    "invalid_input",
    "A message over the WebSocket has another form than those that are understood.",
    "See the forms of messages in the hint, or in the reference of the API.",
  ),
  SUBSCRIPTION_WRONG: entry(
    "invalid_input",
    "A WebSocket follows too many streams, or one that it does not follow was named.",
    "Follow all runs with one subscription; use names that came with acknowledgements.",
  ),
  EVENT_ID_INVALID: entry(
    "invalid_input",
    "A stream of events cannot be resumed: the id is none of an event.",
    "Send the `id` of a frame that came as `Last-Event-ID`, or none to begin at the start.",
  ),
  KEY_MISMATCH: entry(
    "conflict",
    "An idempotency key was used again for another workflow or input.",
    "Use a key of its own for each submission.",
  ),
  RUN_ACTIVE: entry(
    "conflict",
    "Another living process works on the run.",
    "`runs follow ID` shows it; `runs cancel ID` stops it.",
  ),
  RUN_ORPHANED: entry(
    "conflict",
    "The process that worked on the run is gone.",
    "`runs resume ID` goes on with it.",
  ),
  RUN_CLOSED: entry(
    "conflict",
    "The run has ended.",
    "`runs show ID` tells how; `runs retry ID` runs what had failed again.",
  ),
  RUN_EXISTS: entry(
    "conflict",
    "The run was submitted before.",
    "Nothing: the first submission counts.",
  ),
  SIGNALS_FULL: entry(
    "conflict",
    "The run keeps 1,000 signals that no task has taken.",
    "Send signals that a task of the run waits for.",
  ),
  RUN_NOT_PAUSED: entry(
    "conflict",
    "The run is not paused.",
    "`runs show ID` tells where it stands.",
  ),
  RUN_NOT_RETRYABLE: entry(
    "conflict",
    "Only a run that failed or was cancelled can be retried.",
    "Start a new run instead.",
  ),
  STALE_ATTEMPT: entry(
    "conflict",
    "A result came for an attempt that is no longer in flight.",
    "Nothing: it is refused and the current attempt counts.",
  ),
} satisfies Record<string, CatalogueEntry>;
