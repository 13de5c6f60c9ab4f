import { DenizenError } from "../../core/errors.ts";
import { type Check, check } from "./doctor_check.ts";

const ROUND_TRIPS = 9;
const ROUND_TRIP_MS_SLOW = 10;

/** Looks at the KV Connect server of a store, and changes nothing. */
export async function checkKvConnect(store: string): Promise<Check[]> {
  const { openKvConnect } = await import("../store/kv_connect/mod.ts");
  try {
    using kv = await openKvConnect(store, { openPatienceMs: 0 });
    const tookMs: number[] = [];
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const startedAt = performance.now();
      await kv.get(["cluster"]);
      tookMs.push(performance.now() - startedAt);
    }
    const roundTripMs = tookMs.sort((a, b) => a - b)[ROUND_TRIPS >> 1]!;
    return [check(
      "store",
      roundTripMs < ROUND_TRIP_MS_SLOW ? "green" : "yellow",
      `KV Connect at ${kv.connection.url}, a round trip takes ${roundTripMs.toFixed(2)} ms`,
      "Each step of a run waits for the server: a nearer one is faster",
    )];
  } catch (error) {
    if (!(error instanceof DenizenError)) throw error;
    return [check("store", "red", error.message, error.hint ?? "")];
  }
}
