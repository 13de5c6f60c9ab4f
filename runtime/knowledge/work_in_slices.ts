import { setImmediate as nextTurn } from "node:timers/promises";

/** Long enough to get on, short enough for whoever waits for the event loop. */
const SLICE_MS = 5;
/** Text that is handed on at once, in UTF-16 units. */
const CHUNK_CHARS = 64 * 1_024;
/** Whoever takes nothing of a text for so long is cut off. */
const STALL_MS = 30_000;

/** Options of {@linkcode WorkInSlices.stream}. */
export interface StreamOptions {
  /** Called once, however it ends. */
  onEnd?: () => void;
  /** Default 30 s. */
  stallMs?: number;
}

/**
 * Does long work in slices of a few milliseconds. All work of one instance takes turns: however much
 * is under way, others wait for one slice at most.
 */
export class WorkInSlices {
  readonly #waiting: (() => void)[] = [];
  #isServing = false;

  /**
   * What the work returns.
   *
   * @param signal ends it between two slices
   * @throws the signal's reason
   */
  async finish<Result>(
    work: Generator<unknown, Result>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Result> {
    try {
      for (;;) {
        await this.#turn();
        signal?.throwIfAborted();
        const end = slice(work, () => false);
        if (end !== null) return end.value;
      }
    } finally {
      work.return(undefined as never);
    }
  }

  /** The text of the pieces in UTF-8, made as it is read. */
  stream(pieces: Generator<string>, options: StreamOptions = {}): ReadableStream<Uint8Array> {
    const { onEnd = () => {}, stallMs = STALL_MS } = options;
    const encoder = new TextEncoder();
    let stalled: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const end = () => {
      clearTimeout(stalled);
      if (isOver) return;
      isOver = true;
      pieces.return(undefined);
      onEnd();
    };
    const watch = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      clearTimeout(stalled);
      stalled = setTimeout(() => {
        end();
        controller.error(new DOMException("Nobody took the text", "TimeoutError"));
      }, stallMs);
    };
    return new ReadableStream<Uint8Array>({
      start: watch,
      pull: async (controller) => {
        clearTimeout(stalled);
        try {
          const { text, isLast } = await this.#nextChunk(pieces, () => isOver);
          if (!isOver && text !== "") controller.enqueue(encoder.encode(text));
          // A reader may cancel while it is handed the chunk.
          if (isOver) return;
          if (!isLast) return watch(controller);
          end();
          controller.close();
        } catch (error) {
          end();
          throw error;
        }
      },
      cancel: end,
    }, { highWaterMark: 0 });
  }

  async #nextChunk(
    pieces: Generator<string>,
    isOver: () => boolean,
  ): Promise<{ text: string; isLast: boolean }> {
    const parts: string[] = [];
    let chars = 0;
    const take = (piece: string) => {
      parts.push(piece);
      chars += piece.length;
      return chars >= CHUNK_CHARS;
    };
    let isLast = false;
    while (!isLast && chars < CHUNK_CHARS) {
      await this.#turn();
      if (isOver()) break;
      isLast = slice(pieces, take) !== null;
    }
    return { text: parts.join(""), isLast };
  }

  /** Resolves when the event loop has gone round, and nobody was first. */
  #turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (!this.#isServing) void this.#serve();
    return promise;
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      await nextTurn();
      next();
      // What it does in its turn comes before the next look at who waits.
      await nextTurn();
    }
    this.#isServing = false;
  }
}

/** A slice of the work; `null` when it is not at its end. `take` tells whether it was enough. */
function slice<Piece, Result>(
  work: Generator<Piece, Result>,
  take: (piece: Piece) => boolean,
): { value: Result } | null {
  const until = performance.now() + SLICE_MS;
  do {
    const { done, value } = work.next();
    if (done === true) return { value };
    if (take(value)) return null;
  } while (performance.now() < until);
  return null;
}
