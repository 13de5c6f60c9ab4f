/**
 * Reads the durable messages that an earlier process left.
 *
 * @module
 */
import {
  createDeliveryState,
  type DeliveryEvent,
  type DeliveryLimits,
  type DeliveryState,
  evolve,
  noteDurable,
  noteSegment,
} from "../../actors/delivery/mod.ts";
import type { ActorStore } from "../../core/actor_ports.ts";

/** What a system goes on with. */
export interface RecoveredMail {
  state: DeliveryState;
  /** Segment that the next commit writes, or an earlier one. */
  nextSegment: number;
}

/** Segments that are folded before the event loop has its turn. */
const SEGMENTS_A_TURN = 16;

/** Folds the log of a system as it is read, so that the event loop turns between its segments. */
export async function recoverMail(
  store: ActorStore<DeliveryEvent>,
  system: string,
  limits: Partial<DeliveryLimits>,
): Promise<RecoveredMail> {
  const state = createDeliveryState(limits);
  let nextSegment = await store.lowWater(system);
  for await (const { segment, events } of store.readLog(system)) {
    noteSegment(state, segment);
    for (const event of events) evolve(state, event);
    nextSegment = segment + 1;
    if (segment % SEGMENTS_A_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  noteDurable(state, state.nextSeq);
  return { state, nextSegment };
}
