import { formatDuration } from "../../core/duration.ts";
import type { Overview } from "../http/schemas/cluster.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { withServer } from "./with_server.ts";

const ROWS_MAX = 5;

/** `overview`: what a server does, and what went wrong of late. */
export async function overview(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const found = await withServer(
    invocation,
    async (api) => await api.request("GET", "/overview") as unknown as Overview,
  );
  terminal.out(isJson ? `${JSON.stringify(found)}\n` : overviewText(found, terminal.outHasColor));
  return EXIT.completed;
}

function overviewText(found: Overview, color: boolean): string {
  const paint = painter(color);
  const { runs, queue, nodes, throughput, failures, slowestTasks } = found;
  const closed = throughput.reduce(
    (sum, one) => sum + one.completed + one.failed + one.cancelled,
    0,
  );
  const living = nodes.filter(({ state }) => state === "living").length;
  const counts = Object.entries(runs).map(([status, count]) => `${count} ${status}`).join(", ");
  const failed = failures.slice(0, ROWS_MAX).map(({ code, workflow, task, count, runId }) =>
    `  ${paint("red", `${count} × ${code}`)}  ${plainText(workflow)} › ${
      plainText(task)
    }  ${runId}\n`
  );
  const slow = slowestTasks.slice(0, ROWS_MAX).map(({ workflow, task, count, p50Ms, p95Ms }) =>
    `  ${plainText(workflow)} › ${plainText(task)}  ${count} times, ` +
    `half in ${formatDuration(p50Ms)}, 95 % in ${formatDuration(p95Ms)}\n`
  );
  return [
    `${living} of ${nodes.length} nodes live\n`,
    `Runs: ${counts}; ${queue.waiting} wait\n`,
    `Closed in the last hour: ${closed}\n`,
    failed.length === 0 ? "" : `Failures:\n${failed.join("")}`,
    slow.length === 0 ? "" : `Slowest tasks:\n${slow.join("")}`,
    found.missing.length === 0 ? "" : `No answer from: ${found.missing.join(", ")}\n`,
  ].join("");
}
