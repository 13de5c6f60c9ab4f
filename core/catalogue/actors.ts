import { type CatalogueEntry, entry } from "./entry.ts";

/** What becomes of a message at an actor, and of the actor that takes it. */
export const ACTOR_ERRORS = {
  ACTOR_CRASHED: entry(
    "conflict",
    "The actor broke while it handled the message.",
    "Look at the message of the error; the supervisor starts the actor again.",
  ),
  ACTOR_STOPPED: entry(
    "conflict",
    "The actor was stopped while it handled the message.",
    "Send the message again.",
  ),
  ASK_CYCLE: entry(
    "invalid_input",
    "An actor asked another one that waits, perhaps through others, for its own answer.",
    "Tell one of the two instead of asking, and answer with another message.",
  ),
  FRAME_REFUSED: entry(
    "terminal",
    "A worker answered or spoke for work or actors that it does not have: it makes frames of its own.",
    "Look at the code of that actor; nothing of what it forged had an effect.",
    { severity: "warning" },
  ),
  CONTEXT_OVER: entry(
    "invalid_input",
    "A `ctx` was used after its message or attempt had ended.",
    "Await what is sent before the handler returns, or use `ctx.after`.",
  ),
  EXPIRED: entry(
    "conflict",
    "A message waited longer than its time to live.",
    "Give it more time, or the actor less to do.",
  ),
  INVALID_MESSAGE: entry(
    "invalid_input",
    "A message has a malformed address, type or option.",
    "See the options of messages in `docs/actors.md`.",
  ),
  INVALID_STATE: entry(
    "invalid_input",
    "The state of an actor does not fit its schema.",
    "Mend the schema or `initial`, or give old states defaults.",
  ),
  OVERLOADED: entry(
    "unavailable",
    "A mailbox or another queue is full.",
    "Send again after `retryAfterMs`, or send less.",
  ),
  RECALLED: entry(
    "conflict",
    "A durable message was not begun because an earlier one of its sender failed.",
    "Nothing: it is delivered again after that one.",
  ),
  STATE_UNAVAILABLE: entry(
    "unavailable",
    "The state of an actor could not be read.",
    "Look at the message; the actor is started again after a while.",
  ),
  SYSTEM_STOPPED: entry(
    "unavailable",
    "The actor system has stopped.",
    "Start it again.",
  ),
  UNKNOWN_MESSAGE: entry(
    "invalid_input",
    "The actor has no handler for messages of this type.",
    "Use one of the types that the message names.",
  ),
} satisfies Record<string, CatalogueEntry>;
