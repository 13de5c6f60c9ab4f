import { toPlainText } from "../../actors/frames.ts";

/** Why a cell ended, as far as the process itself tells. */
export interface ExitCause {
  code: "CRASHED" | "OUT_OF_MEMORY";
  message: string;
}

const OUT_OF_MEMORY = /out of memory|allocation failed|Failed to reserve virtual memory/i;

/** Reads exit status and the end of stderr. */
export function describeExit(status: Deno.CommandStatus, stderr: string): ExitCause {
  if (OUT_OF_MEMORY.test(stderr)) {
    return { code: "OUT_OF_MEMORY", message: "The worker's heap reached its limit" };
  }
  const how = status.signal === null
    ? `ended with status ${status.code}`
    : `was ended by ${status.signal}`;
  const last = lastWords(stderr);
  return {
    code: "CRASHED",
    message: `The cell ${how}${last === "" ? "" : `: ${last.slice(0, 500)}`}`,
  };
}

/** The line that says most: Deno's own error, else the last that is no warning. */
function lastWords(stderr: string): string {
  const lines = toPlainText(stderr, stderr.length).trim().split("\n")
    .filter((line) => !line.startsWith("Warning"));
  return lines.findLast((line) => line.startsWith("error")) ?? lines.at(-1) ?? "";
}
