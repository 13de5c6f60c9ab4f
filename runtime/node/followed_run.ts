import { UnavailableError } from "../../core/errors.ts";
import { createRunState, evolve, hasEnded, type Plan, viewRun } from "../../workflows/mod.ts";
import type { RunEvent, RunState, RunView } from "../../workflows/mod.ts";
import type { RunHandle } from "./denizen_node.ts";

/** A run that other nodes work on, folded here from what the store tells of it. */
export class FollowedRun implements RunHandle {
  readonly runId: string;
  #state: RunState;
  readonly #follow: () => AsyncIterable<RunEvent>;
  readonly #onEvent: (event: RunEvent) => void;
  #finished: Promise<RunView> | null = null;

  /**
   * @param follow the run's events from the first one on, to the one that closes it
   * @param onEvent hears of each
   */
  constructor(
    run: { runId: string; plan: Plan },
    follow: () => AsyncIterable<RunEvent>,
    onEvent: (event: RunEvent) => void,
  ) {
    this.runId = run.runId;
    this.#state = createRunState(run.runId, run.plan);
    this.#follow = follow;
    this.#onEvent = onEvent;
  }

  view(options?: { items: boolean }): RunView {
    return viewRun(this.#state, options);
  }

  /**
   * Resolves when the run has closed. The first who asks starts the looking.
   *
   * @throws {UnavailableError} `NODE_STOPPED` when the client is closed before
   */
  get finished(): Promise<RunView> {
    if (this.#finished === null) {
      this.#finished = this.#fold();
      // Whoever waits hears of a failure; where nobody waits it must not end the process.
      this.#finished.catch(() => {});
    }
    return this.#finished;
  }

  async #fold(): Promise<RunView> {
    for await (const event of this.#follow()) {
      this.#state = evolve(this.#state, event);
      this.#onEvent(event);
    }
    if (hasEnded(this.#state.status)) return this.view();
    throw new UnavailableError("NODE_STOPPED", {
      message: `Stopped to follow run "${this.runId}", which is ${this.view().status}`,
      hint: `It goes on; look at it with: deno task denizen runs show ${this.runId}`,
    });
  }
}
