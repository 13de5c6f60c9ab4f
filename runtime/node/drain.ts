/**
 * How a node leaves: it waits, within limits, for what it was doing and for what it has to say.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** Resolves once there is none of them any more, at the latest when it is `until`. */
export async function untilNone(items: () => Iterable<unknown>, until: number): Promise<void> {
  while (performance.now() < until && hasAny(items())) await sleep(POLL_MS);
}

/** Awaits one after the other; `ms` is for all of them. */
export async function withinMs(ms: number, waits: readonly (() => Promise<void>)[]): Promise<void> {
  const late = new AbortController();
  const patience = sleep(ms, null, late).catch(() => {});
  try {
    for (const wait of waits) await Promise.race([wait(), patience]);
  } finally {
    late.abort();
  }
}

function hasAny(items: Iterable<unknown>): boolean {
  for (const _ of items) return true;
  return false;
}
