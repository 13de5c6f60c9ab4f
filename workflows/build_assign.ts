/**
 * `assign:` and `reuse:` of a checked file as data, defaults applied.
 *
 * @module
 */
import { parseDurationMs } from "../core/duration.ts";
import type { Json } from "../core/json.ts";
import type { AssignSpec, PermissionsSpec, ReuseSpec } from "./definition.ts";

/** How long a task waits while nobody can do it, unless it says otherwise. */
export const WAIT_MS = 600_000;

const BID_TIMEOUT = "2s";
const REUSE_AGE = "7d";

/** As written. */
export type AssignDraft = "score" | "bid" | {
  pin?: string[];
  deny?: string[];
  prefer?: AssignSpec["prefer"];
  maxCost?: number;
  permissions?: PermissionsSpec;
  wait?: string;
  auction?: { bidTimeout?: string; reserve?: number };
  vote?: { of?: number; ties?: "evidence" | "fail" };
  judge?: { of?: number; by: string };
  merge?: { of?: number; by?: string; value?: Json };
};

/** As written. */
export interface ReuseDraft {
  maxAge?: string;
  minSimilarity?: number;
}

/** How the task finds its agent. */
export function buildAssign(draft: AssignDraft): AssignSpec {
  if (draft === "score") return { waitMs: WAIT_MS };
  if (draft === "bid") return buildAssign({ auction: {} });
  const { pin, deny, prefer, maxCost, permissions, wait, auction, vote, judge, merge } = draft;
  const spec: AssignSpec = { waitMs: wait === undefined ? WAIT_MS : parseDurationMs(wait)! };
  if (pin !== undefined) spec.pin = pin;
  if (deny !== undefined) spec.deny = deny;
  if (prefer !== undefined) spec.prefer = prefer;
  if (maxCost !== undefined) spec.maxCostUsd = maxCost;
  if (permissions !== undefined) spec.permissions = permissions;
  if (auction !== undefined) spec.auction = buildAuction(auction);
  if (vote !== undefined) spec.vote = { of: 3, ties: "evidence", ...vote };
  if (judge !== undefined) spec.judge = { of: 2, ...judge };
  if (merge !== undefined) spec.merge = { of: 2, ...merge };
  return spec;
}

function buildAuction(
  { bidTimeout, reserve }: { bidTimeout?: string; reserve?: number },
): AssignSpec["auction"] {
  const bidTimeoutMs = parseDurationMs(bidTimeout ?? BID_TIMEOUT)!;
  return reserve === undefined ? { bidTimeoutMs } : { bidTimeoutMs, reserveUsd: reserve };
}

/** When an earlier result stands for the work. */
export function buildReuse({ maxAge = REUSE_AGE, minSimilarity = 1 }: ReuseDraft): ReuseSpec {
  return { maxAgeMs: parseDurationMs(maxAge)!, minSimilarity };
}
