/**
 * A cluster of processes under test.
 *
 * @module
 */
export { Cluster, type ClusterOptions } from "./cluster.ts";
export type { JournalTail } from "./journal_tail.ts";
export type { NodeProcess } from "./node_process.ts";
export { openSubmit } from "./open_submit.ts";
export { readJournal } from "./read_journal.ts";
export { readNeeds } from "./read_needs.ts";
export { type Submit, Submitter } from "./submitter.ts";
