/**
 * What is known of an agent, in words.
 *
 * @module
 */
import type { AgentStatus, CapabilityRecord } from "../api/mod.ts";
import { formatAge, formatShare } from "../parts/format.ts";

/** A remark that may be good news or bad; `status` gives its colour. */
export interface Remark {
  status: "completed" | "failed" | "waiting" | "running" | "cancelled";
  text: string;
}

/** Whether an agent gets tasks at all. */
export function statusRemark(
  { status, findings }: Pick<AgentStatus, "status" | "findings">,
): Remark {
  if (status === "ready") return { status: "completed", text: "ready" };
  if (status === "checking") return { status: "running", text: "being checked" };
  const count = findings.length;
  return {
    status: "failed",
    text: count === 0 ? "refused" : `refused: ${count} ${count === 1 ? "finding" : "findings"}`,
  };
}

/** Whether it gets tasks of one capability, and whether it is what it was. */
export function recordRemarks(record: CapabilityRecord, now: number): Remark[] {
  return [
    breakerRemark(record, now),
    ...(record.drift >= DRIFT_TOLD ? [DRIFTED] : []),
    ...outvotedRemark(record),
    ...biddingRemark(record),
  ];
}

/** Less sure than this is not worth a word. */
const DRIFT_TOLD = 0.8;
const STANDING_GOOD = 0.8;

const DRIFTED: Remark = {
  status: "waiting",
  text: "its results changed lately: older ones count less",
};

function breakerRemark({ breaker, retryAt, standIns }: CapabilityRecord, now: number): Remark {
  if (breaker === "closed") return { status: "completed", text: "gets tasks" };
  if (breaker === "half-open") {
    return { status: "waiting", text: "failed too often: is tried with one task at a time" };
  }
  const trial = retryAt === null
    ? "tried again"
    : `tried again ${formatAge(Date.parse(retryAt), now)}`;
  const text = standIns.length === 0
    ? `${trial}, as nobody else can`
    : `${standIns.join(", ")} ${standIns.length === 1 ? "does" : "do"} its work; ${trial} if it ` +
      `did better before`;
  return { status: "failed", text: `failed too often: ${text}` };
}

function outvotedRemark({ outvoted }: CapabilityRecord): Remark[] {
  if (outvoted === 0) return [];
  const text = outvoted === 1
    ? "1 result lost to another's: it counts as not good"
    : `${outvoted} results lost to others': they count as not good`;
  return [{ status: "waiting", text }];
}

function biddingRemark({ bidding }: CapabilityRecord): Remark[] {
  if (bidding === null || bidding.bids === 0) return [];
  const text = `its promises are worth ${formatShare(bidding.standing)}`;
  return [{ status: bidding.standing >= STANDING_GOOD ? "completed" : "waiting", text }];
}

/** `3 of 8 places taken`. */
export function loadText({ inFlight, load }: Pick<AgentStatus, "inFlight" | "load">): string {
  if (inFlight === 0) return "idle";
  const places = load > 0 ? Math.round(inFlight / load) : 0;
  return places >= inFlight ? `${inFlight} of ${places} places taken` : `${inFlight} in flight`;
}

/** Kinds of permissions that are granted, each with what it reaches. */
export function grantsOf(
  permissions: AgentStatus["permissions"],
): [kind: string, values: string][] {
  return Object.entries(permissions)
    .filter(([, values]) => values !== undefined && values.length > 0)
    .map(([kind, values]) => [kind, values!.join(", ")]);
}
