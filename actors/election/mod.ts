/**
 * Who leads which partition: one node's part in the election, as a decider.
 *
 * @module
 */
export { decideElection, type ElectionDecision } from "./decide.ts";
export type { ElectionAction, ElectionInput, ElectionSettings, SeenMember } from "./messages.ts";
export {
  confirmedUntil,
  createElection,
  type ElectionState,
  isConfirmed,
  living,
  nextTickAt,
  type Stand,
} from "./state.ts";
