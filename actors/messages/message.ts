/**
 * A message as the node keeps it, and what its free fields may hold.
 *
 * @module
 */
import type { Json } from "../../core/json.ts";

/** Which messages of a mailbox go first. */
export type Lane = "high" | "normal" | "low";

/** The lanes, the most urgent one first. */
export const LANES: readonly Lane[] = ["high", "normal", "low"];

/** A message between actors. Ordered per sender, receiver and lane. */
export interface Message {
  /** Names the message once; a second one with the same id is a duplicate. */
  id: string;
  /** The sender's address as the node knows it, or `external`. */
  from: string;
  /** The receiver's address. */
  to: string;
  /** What the receiver declares in `messages`. */
  type: string;
  payload: Json;
  /** Size of the payload as JSON text, as counted by who made the message. */
  chars: number;
  lane: Lane;
  /** When the node took it, in epoch milliseconds. */
  sentAt: number;
  /** From when on it is not delivered any more, in epoch milliseconds; `null`: never. */
  expiresAt: number | null;
  /** The topic that it was published to. */
  topic?: string;
  tags?: string[];
}

const TYPE = /^[a-zA-Z$][\w.$-]{0,127}$/;
const TAGS_MAX = 16;
const VISIBLE_TAG = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,64}$/u;
const VISIBLE_ID = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,128}$/u;

/** Whether `value` is the name of a lane. */
export function isLane(value: unknown): value is Lane {
  return value === "high" || value === "normal" || value === "low";
}

/**
 * Whether `value` can name a type of messages: a letter or `$`, then up to 127 letters, digits and
 * `_ . $ -`. Names such as `constructor` are among them: look handlers up by own property only.
 */
export function isMessageType(value: unknown): value is string {
  return typeof value === "string" && TYPE.test(value);
}

/** Whether `value` can be a message's id: 1 to 128 printable characters. */
export function isMessageId(value: unknown): value is string {
  return typeof value === "string" && VISIBLE_ID.test(value);
}

/** Whether `value` is a list of at most 16 tags, each 1 to 64 printable characters. */
export function isTagList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= TAGS_MAX &&
    value.every((tag) => typeof tag === "string" && VISIBLE_TAG.test(tag));
}
