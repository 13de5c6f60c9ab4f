import type { CarriedMessage } from "./events.ts";
import { listPinning } from "./compaction.ts";
import type { DeliveryState } from "./state.ts";

/** All that is durable of a system's messages, as plain data. */
export interface DeliveryView {
  nextSeq: number;
  /** By seq. */
  pending: CarriedMessage[];
  /** Remembered ids with the seq of their message, oldest first. */
  ids: [key: string, seq: number][];
  /** Dead letters that ended a moment ago, with the seq of the replay or their own. */
  endedLetters: [key: string, seq: number][];
}

/** What is pending and remembered at `at`. It copies: for people and tests, not for each message. */
export function viewDelivery(state: DeliveryState, at: number): DeliveryView {
  const pending = listPinning(state, Infinity, Infinity).sort((a, b) => a.seq - b.seq);
  return {
    nextSeq: state.nextSeq,
    pending,
    ids: state.ids.list(at),
    endedLetters: state.endedLetters.list(at),
  };
}
