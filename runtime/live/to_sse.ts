import type { LiveFrame } from "./live_frame.ts";
import { RETRY_MS } from "./live_frame.ts";
import type { LiveStream } from "./live_stream.ts";

/** Options of {@linkcode toSse}. */
export interface SseOptions {
  /** A comment is sent when nothing else was for so long. Default 15 s. */
  heartbeatMs?: number;
  /** Whoever takes nothing for so long is cut off; it may resume. Default 30 s. */
  stallMs?: number;
  /** Called when somebody is cut off so. */
  onStall?: () => void;
}

const HEARTBEAT_MS = 15_000;
const STALL_MS = 30_000;

const ENCODER = new TextEncoder();
const OPENING = ENCODER.encode(`retry: ${RETRY_MS}\n\n`);
const HEARTBEAT = ENCODER.encode(":\n\n");

/** Headers of every event stream: nothing on the way is to keep or to gather it. */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

/** A response that streams frames as they come, as fast as they are taken. */
export function toSse(stream: LiveStream, options: SseOptions = {}): Response {
  return new Response(sseBody(stream, options), { headers: SSE_HEADERS });
}

/** The body of {@linkcode toSse}. It holds one frame that was not taken, and no more. */
export function sseBody(stream: LiveStream, options: SseOptions = {}): ReadableStream<Uint8Array> {
  const { heartbeatMs = HEARTBEAT_MS, stallMs = STALL_MS, onStall } = options;
  const frames = stream[Symbol.asyncIterator]();
  let timer: ReturnType<typeof setInterval>;
  let pulse: Pulse;
  const end = () => {
    clearInterval(timer);
    stream.close();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(OPENING);
      pulse = new Pulse(controller, stallMs, () => {
        end();
        onStall?.();
      });
      timer = setInterval(() => pulse.beat(), Math.min(heartbeatMs, stallMs));
    },
    async pull(controller) {
      pulse.taken();
      const next = await takeNext(frames, end);
      if (next === null) {
        end();
        controller.close();
      } else {
        controller.enqueue(next.sse);
      }
    },
    cancel: end,
  });
}

async function takeNext(
  frames: AsyncIterator<LiveFrame>,
  end: () => void,
): Promise<LiveFrame | null> {
  try {
    const { done, value } = await frames.next();
    return done === true ? null : value;
  } catch (error) {
    end();
    throw error;
  }
}

/** Comments for who waits, an end for who does not take what waits. */
class Pulse {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #stallMs: number;
  readonly #onStall: () => void;
  #takenAt = performance.now();

  constructor(
    controller: ReadableStreamDefaultController<Uint8Array>,
    stallMs: number,
    onStall: () => void,
  ) {
    this.#controller = controller;
    this.#stallMs = stallMs;
    this.#onStall = onStall;
  }

  /** There is room again. */
  taken(): void {
    this.#takenAt = performance.now();
  }

  beat(): void {
    if ((this.#controller.desiredSize ?? 0) > 0) {
      this.#controller.enqueue(HEARTBEAT);
    } else if (performance.now() - this.#takenAt >= this.#stallMs) {
      this.#onStall();
      this.#controller.error(new Error("The listener took nothing for too long"));
    }
  }
}
