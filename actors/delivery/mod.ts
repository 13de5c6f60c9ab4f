/**
 * Durable delivery: messages that are accepted, delivered in order, retried, de-duplicated and, when
 * nothing helps, kept as dead letters. A decider over a log; the runtime does the rest.
 *
 * @module
 */
export type * from "./commands.ts";
export { lowWater, noteSegment } from "./compaction.ts";
export { type Answer, decide, type Decision, type RefusedDelivery } from "./decide.ts";
export type * from "./events.ts";
export { evolve, fold } from "./evolve.ts";
export type * from "./message.ts";
export {
  addressesWithWork,
  deliverable,
  inFlight,
  noteDurable,
  release,
  releaseAddress,
} from "./order.ts";
export {
  DEFAULT_DELIVERY,
  DEFAULT_LIMITS,
  type DeliveryLimits,
  type DeliveryPolicy,
} from "./policy.ts";
export { createDeliveryState, type DeliveryState, type PendingMessage } from "./state.ts";
export { nextWakeAt } from "./timers.ts";
export { type DeliveryView, viewDelivery } from "./view.ts";
