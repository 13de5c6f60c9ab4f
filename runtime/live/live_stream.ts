import { LiveFrame } from "./live_frame.ts";

/** Why a stream ends before it is over. */
export interface StreamEnds {
  /** Whoever listens has gone. */
  gone?: AbortSignal;
  /** The node stops. */
  drain: AbortSignal;
  /** Whoever listens may do so no longer. */
  revoked?: AbortSignal;
}

const DRAIN = LiveFrame.of("drain", null, {});
const REVOKED = LiveFrame.of("revoked", null, {});

/** Frames for one listener, who takes them when it wants to. It is read once. */
export class LiveStream implements AsyncIterable<LiveFrame> {
  readonly #closing = new AbortController();
  readonly #frames: AsyncGenerator<LiveFrame>;
  readonly #onEnd: () => void;

  /**
   * @param make gives the frames until its signal aborts
   * @param onEnd is called once the stream is over, at least once
   */
  constructor(
    ends: StreamEnds,
    make: (signal: AbortSignal) => AsyncGenerator<LiveFrame>,
    onEnd: () => void = () => {},
  ) {
    this.#onEnd = onEnd;
    this.#frames = this.#run(ends, make);
  }

  [Symbol.asyncIterator](): AsyncIterator<LiveFrame> {
    return this.#frames;
  }

  /** Nobody listens any more. */
  close(): void {
    this.#closing.abort();
    // Whoever went amid a flow has left a frame behind that nobody takes: it must not wait for it.
    this.#frames.return(undefined).catch(() => {});
    this.#onEnd();
  }

  async *#run(
    { gone, drain, revoked }: StreamEnds,
    make: (signal: AbortSignal) => AsyncGenerator<LiveFrame>,
  ): AsyncGenerator<LiveFrame> {
    const over = [this.#closing.signal, ...(gone === undefined ? [] : [gone])];
    const cut = [drain, ...(revoked === undefined ? [] : [revoked])];
    try {
      yield* make(AbortSignal.any([...over, ...cut]));
    } finally {
      this.#onEnd();
    }
    if (over.some((signal) => signal.aborted)) return;
    if (revoked?.aborted === true) yield REVOKED;
    else if (drain.aborted) yield DRAIN;
  }
}
