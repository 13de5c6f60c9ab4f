/**
 * What one decision on starts goes by.
 *
 * @module
 */
import type { AssignmentRecord } from "../core/assignment.ts";
import type { Json } from "../core/json.ts";
import type { Assigner } from "./assigner.ts";
import type { Overlay } from "./overlay.ts";
import type { Emit } from "./place.ts";
import type { RunState, TaskState } from "./state.ts";

/** One `StartAttempts` on its way through the tasks. */
export interface Turn {
  at: number;
  state: RunState;
  emit: Emit;
  assigner: Assigner | null;
  capacity: Overlay;
  /** What was tried of each task that names a capability. */
  tries: Map<TaskState, Tries>;
}

/** A turn in which there is somebody to ask. */
export type Asking = Turn & { assigner: Assigner };

/** What a turn has tried of one task. */
export interface Tries {
  /** Instances for which nobody was found: they are not asked for twice. */
  inVain: Set<number>;
  /** Instances that were given up. */
  givenUp: number;
}

/** An instance that starts now, and who does it. */
export interface Start {
  index: number;
  agent: string;
  /** Absent where the workflow names the agent. */
  assignment?: AssignmentRecord;
  /** As it was rendered for the choice. */
  input?: Json;
}
