/**
 * `doctor`: what this system offers, found out by trying.
 *
 * @module
 */
export { doctor } from "./doctor_command.ts";
export type { Check } from "./check.ts";
