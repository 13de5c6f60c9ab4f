/**
 * What a node says while it works, in words.
 *
 * @module
 */
import type { Notice } from "../node/node_notices.ts";
import type { StageNews } from "../node/stages.ts";
import type { NodeLog, NodeLogLevel } from "../telemetry/mod.ts";

/** A stage of starting or stopping. */
export function logStage(log: NodeLog, { direction, number, count, name }: StageNews): void {
  const verb = direction === "start" ? "starting" : "stopping";
  const fields = { type: "stage", direction, number, name };
  log.log("info", `${verb} ${number}/${count}: ${name}`, fields);
}

/** The same log for people: what programs would read beside the message is left out. */
export function inWords({ log, close }: NodeLog): NodeLog {
  return { log: (level, message) => log(level, message), close };
}

/** Something about the cluster. */
export function logNotice(log: NodeLog, notice: Notice): void {
  log.log(levelOf(notice), noticeText(notice), { ...notice });
}

function levelOf({ type }: Notice): NodeLogLevel {
  if (type === "error") return "error";
  return type === "fenced" || type === "suspend" || type === "surrender" ? "warn" : "info";
}

function noticeText({ type, partition, term, runs = 0, message = "" }: Notice): string {
  switch (type) {
    case "new-store":
      return "this is a new store";
    case "lead":
      return `leads partition ${partition} in term ${term}${
        runs > 0 ? `; ${runs} open ${runs === 1 ? "run" : "runs"}` : ""
      }`;
    case "suspend":
      return `partition ${partition} waits: the heartbeat is not confirmed`;
    case "resume":
      return `partition ${partition} goes on`;
    case "step-down":
      return `partition ${partition} has another leader`;
    case "hand-over":
      return `hands partition ${partition} over`;
    case "fenced":
      return `FENCED: a write of term ${term} to partition ${partition} was refused`;
    case "surrender":
      return `gives up partition ${partition} of term ${term}; somebody will claim it anew`;
    case "error":
      return message;
  }
}
