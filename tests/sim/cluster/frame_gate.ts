import type { Fence } from "../../../core/ports.ts";
import { type RunEvent, type RunState, taskOf } from "../../../workflows/mod.ts";
import type { ClusterNode } from "./cluster_node.ts";
import type { Frame } from "./sim_cells.ts";

/** Lets the frames of durable attempts leave, while leadership is confirmed. */
export class FrameGate {
  readonly #node: ClusterNode;
  readonly #fence: Fence;
  readonly #runs: ReadonlyMap<string, RunState>;
  /** Frames whose attempts are durable, and that may not leave now. */
  #held: Frame[] = [];
  /** Attempts that were decided and whose frames have not left: they will take places. */
  waiting = 0;

  constructor(node: ClusterNode, fence: Fence, runs: ReadonlyMap<string, RunState>) {
    this.#node = node;
    this.#fence = fence;
    this.#runs = runs;
  }

  /** What was decided will need room in the cells. */
  reserve(events: readonly RunEvent[]): void {
    this.waiting += events.filter(({ type }) => type === "AttemptStarted").length;
  }

  launch(run: RunState, events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type !== "AttemptStarted") continue;
      const index = event.index ?? 0;
      const { attempt, task } = event;
      const { partition, term } = this.#fence;
      const { steps } = taskOf(run, task).instances[index]!;
      const copy = steps === null ? null : { ...steps };
      this.#send({ runId: run.runId, task, index, attempt, partition, term, steps: copy });
    }
  }

  #send(frame: Frame): void {
    const run = this.#runs.get(frame.runId);
    const instance = run && taskOf(run, frame.task).instances[frame.index];
    const isWanted = instance?.status === "running" && instance.attempt === frame.attempt;
    if (isWanted && !this.#node.mayDispatch(this.#fence.partition)) {
      this.#held.push(frame);
      return;
    }
    this.waiting--;
    // Given up between the decision and the commit: the frame need not leave.
    if (isWanted) this.#node.dispatch(frame);
  }

  /** Leadership is confirmed again. */
  open(): void {
    for (const frame of this.#held.splice(0)) this.#send(frame);
  }

  /** Nothing leaves any more. */
  close(): void {
    this.#held = [];
  }
}
