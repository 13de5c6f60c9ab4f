/**
 * Topics: patterns, subscriptions with groups, and the history that is retained.
 *
 * @module
 */
export {
  append,
  createHistory,
  type History,
  type HistoryLimits,
  type HistoryPage,
  type HistoryRange,
  nextOffsetOf,
  read,
  type Retainable,
  trim,
} from "./history.ts";
export { isTopicName, isTopicPattern, matchesTopic } from "./pattern.ts";
export {
  EVENT_TYPE,
  type GroupPick,
  type Subscription,
  SUBSCRIPTION_LIMITS,
  type SubscriptionLimits,
  Subscriptions,
} from "./subscriptions.ts";
export { TopicTrie } from "./topic_trie.ts";
