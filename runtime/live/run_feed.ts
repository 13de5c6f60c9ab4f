import type { RunEntry } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { RunUpdate } from "../node/denizen_node.ts";
import { isClosing } from "../scheduler/mod.ts";
import { type EventId, isBehind } from "./event_id.ts";
import { FrameLog, type FrameLogLimits } from "./frame_log.ts";
import type { ListenerTurns } from "./listener_turns.ts";
import { LiveFrame } from "./live_frame.ts";
import type { PartitionTail } from "./partition_tail.ts";
import { endFrame, eventFrame, type Journals, readNumbered } from "./run_frames.ts";

/** Frames of one segment; without `seq`, of something that is not journalled. */
export interface Entry {
  seq: number | null;
  frames: { n: number; frame: LiveFrame }[];
  /** The last of its events closes the run. */
  isEnd: boolean;
  at: number;
}

/** Options of {@linkcode RunFeed}. */
export interface RunFeedOptions {
  tail: PartitionTail;
  turns: ListenerTurns;
  limits?: FrameLogLimits;
}

const LIMITS: FrameLogLimits = { entriesMax: 4_096, charsMax: 1024 * 1024 };

/** The newest frames of one run, for all who follow it here. */
export class RunFeed {
  readonly #runId: string;
  readonly #log: FrameLog<Entry>;
  /** Events of the run from this segment on are in the log. */
  #floorSeq: number;

  constructor(runId: string, { tail, turns, limits = LIMITS }: RunFeedOptions) {
    this.#runId = runId;
    this.#floorSeq = tail.nextSeq;
    const onEvict = ({ seq }: Entry) => {
      if (seq !== null) this.#floorSeq = seq + 1;
    };
    this.#log = new FrameLog<Entry>({ limits, turns, onEvict });
    tail.listen(runId, {
      onEvents: (seq, events) => this.#addEvents(seq, events),
      onGap: (nextSeq) => {
        this.#log.clear();
        this.#floorSeq = nextSeq;
      },
    });
  }

  /** Progress or words of an agent. */
  add(update: RunUpdate): void {
    const frame = LiveFrame.of(update.type, null, update);
    const entry = { seq: null, frames: [{ n: 0, frame }], isEnd: false, at: update.at };
    this.#log.push(entry, frame.data.length);
  }

  #addEvents(seq: number, events: readonly RunEvent[]): void {
    const frames = events.map((event, n) => ({
      n,
      frame: eventFrame(this.#runId, { seq, n }, event),
    }));
    const chars = frames.reduce((sum, { frame }) => sum + frame.data.length, 0);
    const last = events.at(-1)!;
    this.#log.push({ seq, frames, isEnd: isClosing(last), at: last.at }, chars);
  }

  /**
   * Frames behind `after`, to the run's end. Whoever is slow reads from the journal what is in the
   * log no longer, at its own pace; only progress and words of agents are lost to it.
   */
  follow(
    journals: Journals,
    entry: RunEntry,
    after: EventId | null,
    signal: AbortSignal,
  ): AsyncGenerator<LiveFrame> {
    return new Listener(this, journals, entry, after).frames(signal);
  }

  get log(): FrameLog<Entry> {
    return this.#log;
  }

  get floorSeq(): number {
    return this.#floorSeq;
  }

  close(): void {
    this.#log.close();
  }
}

/** One who follows, and how far it has come. */
class Listener {
  readonly #feed: RunFeed;
  readonly #journals: Journals;
  readonly #entry: RunEntry;
  readonly #after: EventId | null;
  /** What is not journalled and older than the listener is old news. */
  readonly #freshFrom: number;
  /** All before this segment was given. */
  #nextSeq: number;
  #index: number;
  /** When the run closed, if the last event that was seen closed it. */
  #endedAt: number | null = null;

  constructor(feed: RunFeed, journals: Journals, entry: RunEntry, after: EventId | null) {
    this.#feed = feed;
    this.#journals = journals;
    this.#entry = entry;
    this.#after = after;
    this.#freshFrom = feed.log.next;
    this.#nextSeq = Math.max(after?.seq ?? 0, entry.firstSeq);
    this.#index = feed.log.first;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<LiveFrame> {
    using reader = this.#feed.log.reader(signal);
    const { log } = this.#feed;
    while (!signal.aborted) {
      if (this.#nextSeq < this.#feed.floorSeq) {
        yield* this.#history(this.#feed.floorSeq, signal);
        continue;
      }
      this.#index = Math.max(this.#index, log.first);
      const found = log.at(this.#index);
      if (found !== undefined) {
        yield* this.#given(found, this.#index++);
      } else if (this.#endedAt !== null) {
        return yield endFrame(this.#entry.runId, this.#endedAt);
      } else if (log.isClosed) {
        return;
      } else {
        await reader.changed(this.#index);
      }
    }
  }

  /** What was durable before segment `floorSeq` came, which the log has. */
  async *#history(floorSeq: number, signal: AbortSignal): AsyncGenerator<LiveFrame> {
    const events = readNumbered(this.#journals, this.#entry, this.#nextSeq);
    for await (const { id, event } of events) {
      if (id.seq >= floorSeq) break;
      if (signal.aborted) return;
      this.#endedAt = isClosing(event) ? event.at : null;
      if (isBehind(id, this.#after)) yield eventFrame(this.#entry.runId, id, event);
    }
    this.#nextSeq = floorSeq;
  }

  *#given({ seq, frames, isEnd, at }: Entry, index: number): Generator<LiveFrame> {
    if (seq === null) {
      if (index >= this.#freshFrom) yield frames[0]!.frame;
      return;
    }
    this.#endedAt = isEnd ? at : null;
    if (seq < this.#nextSeq) return;
    for (const { n, frame } of frames) if (isBehind({ seq, n }, this.#after)) yield frame;
    this.#nextSeq = seq + 1;
  }
}
