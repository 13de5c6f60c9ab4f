import type { ListenerTurns } from "./listener_turns.ts";
import { RETRY_MS } from "./live_frame.ts";
import type { LiveStream } from "./live_stream.ts";

/** Options of {@linkcode SseStreams}. */
export interface SseOptions {
  /** Comments are sent to many listeners in turns. */
  turns: ListenerTurns;
  /** A comment is sent when nothing else was for so long. Default 15 s. */
  heartbeatMs?: number;
  /** Whoever takes nothing for so long is cut off; it may resume. Default 30 s. */
  stallMs?: number;
  /** Called when somebody is cut off so. */
  onStall?: () => void;
}

const HEARTBEAT_MS = 15_000;
const STALL_MS = 30_000;
/** How often it is looked who needs a comment, in the shorter of the two times. */
const LOOKS = 8;

const ENCODER = new TextEncoder();
const OPENING = ENCODER.encode(`retry: ${RETRY_MS}\n\n`);
const HEARTBEAT = ENCODER.encode(":\n\n");

/** Headers of every event stream: nothing on the way is to keep or to gather it. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

/** Writes streams of frames as `text/event-stream`. One timer serves all of them. */
export class SseStreams {
  readonly #turns: ListenerTurns;
  readonly #heartbeatMs: number;
  readonly #stallMs: number;
  readonly #onStall: () => void;
  readonly #open = new Set<SseListener>();
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    { turns, heartbeatMs = HEARTBEAT_MS, stallMs = STALL_MS, onStall = () => {} }: SseOptions,
  ) {
    this.#turns = turns;
    this.#heartbeatMs = heartbeatMs;
    this.#stallMs = stallMs;
    this.#onStall = onStall;
  }

  /** A response that streams frames as they come, as fast as they are taken. */
  respond(stream: LiveStream): Response {
    return new Response(this.body(stream), { headers: HEADERS });
  }

  /** The body of {@linkcode respond}. It holds one frame that was not taken, and no more. */
  body(stream: LiveStream): ReadableStream<Uint8Array> {
    const listener: SseListener = new SseListener(stream, () => this.#leave(listener));
    this.#enter(listener);
    return new ReadableStream<Uint8Array>({
      start: (controller) => listener.start(controller),
      pull: () => listener.pull(),
      cancel: () => listener.end(),
    });
  }

  #enter(listener: SseListener): void {
    this.#open.add(listener);
    const everyMs = Math.min(this.#heartbeatMs, this.#stallMs) / LOOKS;
    this.#looking ??= setInterval(() => this.#look(), everyMs);
  }

  #leave(listener: SseListener): void {
    this.#open.delete(listener);
    if (this.#open.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  #look(): void {
    const now = performance.now();
    const waiting: (() => void)[] = [];
    for (const listener of this.#open) {
      const quietMs = now - listener.wroteAt;
      if (listener.hasRoom) {
        if (quietMs >= this.#heartbeatMs) waiting.push(() => listener.beat());
      } else if (quietMs >= this.#stallMs) {
        listener.cutOff();
        this.#onStall();
      }
    }
    this.#turns.add(waiting);
  }
}

/** One who listens. */
class SseListener {
  readonly #stream: LiveStream;
  readonly #onEnd: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isOver = false;
  /** When something was written last. */
  wroteAt = performance.now();

  constructor(stream: LiveStream, onEnd: () => void) {
    this.#stream = stream;
    this.#onEnd = onEnd;
  }

  /** Whether all that was written has been taken. */
  get hasRoom(): boolean {
    return (this.#controller.desiredSize ?? 0) > 0;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    this.#controller = controller;
    this.#write(OPENING);
  }

  async pull(): Promise<void> {
    try {
      const { done, value } = await this.#stream[Symbol.asyncIterator]().next();
      if (done !== true) return this.#write(value.sse);
    } catch (error) {
      this.end();
      throw error;
    }
    if (!this.#isOver) this.#controller.close();
    this.end();
  }

  /** A comment, for whoever waits. */
  beat(): void {
    if (!this.#isOver && this.hasRoom) this.#write(HEARTBEAT);
  }

  /** An end, for whoever does not take what waits. */
  cutOff(): void {
    this.end();
    this.#controller.error(new Error("The listener took nothing for too long"));
  }

  end(): void {
    this.#isOver = true;
    this.#onEnd();
    this.#stream.close();
  }

  #write(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.wroteAt = performance.now();
    this.#controller.enqueue(bytes);
  }
}
