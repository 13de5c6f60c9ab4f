/**
 * Checks of what a cluster did, pure: a history goes in, broken promises come out.
 *
 * @module
 */
export { checkHistory, countHistory, type HistoryCounts } from "./check_history.ts";
export {
  type History,
  isClosing,
  type JournalLine,
  linesByRun,
  type SegmentHead,
  type Violation,
} from "./history.ts";
export { checkKept } from "./journal_checks.ts";
