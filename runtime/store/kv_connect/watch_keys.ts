import { setTimeout as sleep } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { decodeWatchOutput, encodeWatch, type WatchedKey } from "./messages.ts";

/** Keys that one watch takes. */
export const WATCHED_KEYS_MAX = 10;
const LENGTH_BYTES = 4;
const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 2_000;

/**
 * What becomes of keys, first as they are, then with each change; changes that follow closely come
 * as one. Goes on after the server was gone, from what is there then, until `signal`.
 */
export async function* watchKeys(
  connection: Connection,
  keys: readonly Uint8Array[],
  signal: AbortSignal,
): AsyncGenerator<WatchedKey[], void> {
  const request = encodeWatch(keys);
  let delayMs = FIRST_DELAY_MS;
  while (!signal.aborted) {
    try {
      const stream = await connection.stream("watch", request);
      for await (const message of framesOf(stream, connection.silenceMs, signal)) {
        const watched = decodeWatchOutput(message);
        if (watched === null) break;
        delayMs = FIRST_DELAY_MS;
        yield watched;
      }
    } catch {
      // Whatever it was: the next try tells.
    }
    await sleep(delayMs * (0.5 + Math.random()), undefined, { signal }).catch(() => {});
    delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS);
  }
}

/** Messages, each behind its length in four bytes, little end first; empty ones only say "alive". */
async function* framesOf(
  stream: ReadableStream<Uint8Array>,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let pending = new Uint8Array();
  for await (const chunk of untilSilent(stream, silenceMs, signal)) {
    pending = new Uint8Array([...pending, ...chunk]);
    while (pending.length >= LENGTH_BYTES) {
      const length = new DataView(pending.buffer).getUint32(0, true);
      const end = LENGTH_BYTES + length;
      if (pending.length < end) break;
      if (length > 0) yield pending.slice(LENGTH_BYTES, end);
      pending = pending.slice(end);
    }
  }
}

/** Ends with the stream, with `signal`, and when nothing comes for too long. */
async function* untilSilent(
  stream: ReadableStream<Uint8Array>,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      timer = setTimeout(stop, silenceMs);
      const { value, done } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    stop();
  }
}
