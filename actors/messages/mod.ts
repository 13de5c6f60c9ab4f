/**
 * Messages between actors: addresses, mailboxes, rates and who may send what.
 *
 * @module
 */
export { type AccessRequest, type AccessRule, decideAccess } from "./access.ts";
export {
  type Address,
  EXTERNAL,
  findPatternProblem,
  formatAddress,
  MAIN_KEY,
  matchesAddress,
  mayMatchActor,
  parseAddress,
} from "./address.ts";
export { MailPool } from "./mail_pool.ts";
export { type Mailable, Mailbox, type MailboxLimits } from "./mailbox.ts";
export {
  isLane,
  isMessageId,
  isMessageType,
  isTagList,
  type Lane,
  LANES,
  type Message,
} from "./message.ts";
export { type Bucket, createBucket, type Rate, tryTake } from "./rate_limit.ts";
