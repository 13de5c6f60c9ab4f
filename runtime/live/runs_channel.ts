import { FrameLog } from "./frame_log.ts";
import type { ListenerTurns } from "./listener_turns.ts";
import { LiveFrame } from "./live_frame.ts";
import type { RunChange, RunFilter, RunsUpdate } from "./run_change.ts";

/** Frames that are kept for who is behind, and their size. */
const LIMITS = { entriesMax: 64, charsMax: 1024 * 1024 };
/** Runs that one frame tells of. */
const RUNS_MAX = 20;

const RESET = LiveFrame.of("reset", null, {});

/** Frames about all runs that one filter accepts, made once for all its listeners. */
export class RunsChannel {
  readonly #filter: RunFilter;
  /** Tells ids of this channel from those of others. */
  readonly #session: string;
  readonly #log: FrameLog<LiveFrame>;
  listeners = 0;

  constructor(filter: RunFilter, session: string, turns: ListenerTurns) {
    this.#filter = filter;
    this.#session = session;
    this.#log = new FrameLog<LiveFrame>({ limits: LIMITS, turns });
  }

  /** Tells of what changed, if any of it is of interest here. */
  tell(changes: Iterable<RunChange>, at: number): void {
    const seen = [...changes].filter((change) => this.#filter.accepts(change));
    if (seen.length === 0) return;
    const id = `${this.#session}.${this.#log.next}`;
    const frame = new LiveFrame("runs", id, JSON.stringify(toUpdate(seen, at)));
    this.#log.push(frame, frame.data.length);
  }

  /** Tells that runs changed that nobody knows of: lists are to be read anew. */
  reset(): void {
    this.#log.push(RESET, RESET.data.length);
  }

  /**
   * Frames from now on, or behind `after`. Whoever asks for frames that are kept no longer, or is
   * too slow, is told to begin anew.
   */
  async *follow(after: string | null, signal: AbortSignal): AsyncGenerator<LiveFrame> {
    const resumed = after === null ? this.#log.next : this.#indexBehind(after);
    let index = resumed ?? this.#log.next;
    if (resumed === null) yield RESET;
    using reader = this.#log.reader(signal);
    while (!signal.aborted) {
      if (index < this.#log.first) {
        index = this.#log.next;
        yield RESET;
      }
      const frame = this.#log.at(index);
      if (frame === undefined) {
        await reader.changed(index);
      } else {
        index++;
        yield frame;
      }
    }
  }

  /** `null` when that frame is not of this channel, or too old. */
  #indexBehind(id: string): number | null {
    const [session, text] = id.split(".");
    const index = Number(text) + 1;
    const isKept = index >= this.#log.first && index <= this.#log.next;
    return session === this.#session && isKept ? index : null;
  }
}

function toUpdate(seen: readonly RunChange[], at: number): RunsUpdate {
  const count = (status: RunChange["status"]) =>
    seen.filter((change) => change.finishedAt !== null && change.status === status).length;
  const runs = seen.toSorted((a, b) => a.runId < b.runId ? 1 : -1).slice(0, RUNS_MAX);
  return {
    at,
    opened: seen.filter(({ isNew }) => isNew).length,
    completed: count("completed"),
    failed: count("failed"),
    cancelled: count("cancelled"),
    runs,
    more: seen.length - runs.length,
  };
}
