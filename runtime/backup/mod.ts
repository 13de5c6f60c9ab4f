/**
 * Copies of a whole store: made while nodes work on it, checked, and put into another one.
 *
 * @module
 */
export { backUp, verifyBackup } from "./back_up.ts";
export type { BackupSummary } from "./backup_file.ts";
export { restore } from "./restore.ts";
