/**
 * Reads what an agent bids. Whatever it is, only a bid comes out as one.
 *
 * @module
 */
import { isJsonObject, isLargerThan, type Json } from "../core/json.ts";
import type { RawBid } from "./bidding.ts";

/** More than the few numbers of a bid is not looked at. */
const LIMITS = { charsMax: 4_096, valuesMax: 16 };
const COST_USD_MAX = 1_000_000;
/** A year. */
const LATENCY_MS_MAX = 366 * 86_400_000;

/** A bid, `null` for none, or what is wrong with it, in words that follow "The bid". */
export type ReadBid = { bid: RawBid | null; problem: null } | { bid: null; problem: string };

/**
 * @param value what the worker answered with: `JSON.parse` reads `1e999` as infinity
 * @param costUsd what an attempt costs by the manifest, for a bid that names no price
 */
export function readBid(value: Json, costUsd: number): ReadBid {
  if (value === null) return { bid: null, problem: null };
  if (isLargerThan(value, LIMITS)) return wrong("is larger than 4 KiB");
  if (!isJsonObject(value)) return wrong("is no object");
  for (const [key, part] of Object.entries(value)) {
    if (!Object.hasOwn(BOUNDS, key)) return wrong(`has an unknown key ${JSON.stringify(key)}`);
    const max = BOUNDS[key as keyof RawBid];
    if (part !== null && !isWithin(part, max)) {
      return wrong(`has a "${key}" that is no number from 0 to ${max}`);
    }
  }
  const { costUsd: price, success, latencyMs } = value as unknown as Partial<RawBid>;
  return {
    bid: { costUsd: price ?? costUsd, success: success ?? null, latencyMs: latencyMs ?? null },
    problem: null,
  };
}

const BOUNDS: Record<keyof RawBid, number> = {
  costUsd: COST_USD_MAX,
  success: 1,
  latencyMs: LATENCY_MS_MAX,
};

function isWithin(value: Json, max: number): boolean {
  return typeof value === "number" && value >= 0 && value <= max;
}

function wrong(problem: string): ReadBid {
  return { bid: null, problem };
}
