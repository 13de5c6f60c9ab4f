/**
 * What agents log, kept for each run.
 *
 * @module
 */
export { cleanUpdate, type Redaction } from "./clean_update.ts";
export { deleteRunLogs } from "./log_ledger.ts";
export type { LogLevel, LogLine } from "./log_line.ts";
export type { LinePage, LineQuery } from "./read_lines.ts";
export {
  type LogUpdate,
  openRunLogBook,
  type RunLogBook,
  type RunLogBookOptions,
} from "./run_log_book.ts";
