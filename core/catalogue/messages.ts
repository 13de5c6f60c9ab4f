import { type CatalogueEntry, entry } from "./entry.ts";

/** Why a message does not reach an actor: topics, seals and delivery. */
export const MESSAGE_ERRORS = {
  INVALID_SUBSCRIPTION: entry(
    "invalid_input",
    "A subscription names no pattern of topics, no type of messages, or malformed tags.",
    "Write patterns like `files.*` or `files.**`; leave `tags` out when all messages are wanted.",
  ),
  SUBSCRIBER_ENCRYPTS: entry(
    "invalid_input",
    "An actor that takes only encrypted messages subscribes to a topic, where they are plain.",
    "Subscribe another actor, and let it tell the one that encrypts.",
  ),
  TOO_MANY_SUBSCRIPTIONS: entry(
    "terminal",
    "The actor system, or one receiver, has as many subscriptions as it may have.",
    "Subscribe once with a wider pattern, and unsubscribe what is not needed.",
  ),
  KEY_RING_INVALID: entry(
    "invalid_input",
    "The key ring of actors is no JSON object of names with lists of keys.",
    "Write 32 bytes in base64 for each key, the newest first; `openssl rand -base64 32` makes one.",
  ),
  KEY_RING_EXPOSED: entry(
    "invalid_input",
    "Others than the owner may open the file with the keys of actors.",
    "Make it private with `chmod 600`, and use new keys if others could read it.",
  ),
  SEALING_KEY_INVALID: entry(
    "invalid_input",
    "A key that payloads are to be sealed with is not 32 bytes in base64.",
    "Make one with `openssl rand -base64 32`.",
  ),
  SEALING_KEY_MISSING: entry(
    "terminal",
    "A payload is, or is to be, sealed with a key that the key ring does not have.",
    "Add the key to the ring, or keep the older one in it until all messages are handled.",
  ),
  SEAL_MISSING: entry(
    "terminal",
    "An actor that takes sealed payloads only was sent a plain one.",
    "Give the sender `encrypt` with the same key.",
  ),
  SEAL_BROKEN: entry(
    "terminal",
    "A sealed payload was altered, or comes with another sender, receiver, type or id.",
    "Send it anew. If it happens again, look in the audit log for who sent it.",
  ),
  ACCESS_DENIED: entry(
    "terminal",
    "An actor does not accept this message, or not from this sender.",
    "Add the sender or the message to `accept` of the receiver in the actor system file.",
  ),
  MAX_ATTEMPTS: entry(
    "terminal",
    "A durable message failed as often as its receiver's `deliver.maxAttempts` allows.",
    "Look at the failures with `dead-letters show`, mend the receiver, then `dead-letters replay`.",
  ),
  NO_ACTOR: entry(
    "terminal",
    "A message is for an address that no actor has, or no actor system belongs to the run.",
    "Add the actor to the system file, or `system: FILE` to the workflow. A durable message is a dead letter then: `dead-letters replay` or `drop`.",
  ),
} satisfies Record<string, CatalogueEntry>;
