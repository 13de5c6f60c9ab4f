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
      const stream = await connection.stream("watch", request, signal);
      for await (const message of framesOf(stream)) {
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
async function* framesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending = new Uint8Array();
  for await (const chunk of stream) {
    pending = new Uint8Array([...pending, ...chunk]);
    for (;;) {
      if (pending.length < LENGTH_BYTES) break;
      const length = new DataView(pending.buffer, pending.byteOffset).getUint32(0, true);
      const end = LENGTH_BYTES + length;
      if (pending.length < end) break;
      if (length > 0) yield pending.slice(LENGTH_BYTES, end);
      pending = pending.slice(end);
    }
  }
}
