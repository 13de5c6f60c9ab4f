import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterStatus, SeenState } from "../node/cluster_reader.ts";
import type { NodeStatus, PartitionStatus } from "../node/cluster_status.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt } from "./interrupts.ts";
import { LiveScreen } from "./live_screen.ts";
import { type Color, painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";
import { namedServer } from "./with_server.ts";

const WATCH_EVERY_MS = 1_000;
const TINTS: Readonly<Record<SeenState, Color>> = {
  living: "green",
  draining: "yellow",
  silent: "yellow",
  gone: "red",
};

/** `cluster`: exit 1 when a partition has no living leader. */
export async function cluster(invocation: Invocation): Promise<number> {
  const { terminal, isJson, flag } = invocation;
  const stopped = new AbortController();
  using _interrupts = onInterrupt(() => stopped.abort(), () => Deno.exit(EXIT.interrupted));
  let status = await look(invocation);
  if (flag("watch") && terminal.isLive && !isJson) {
    return await watchInPlace(status, invocation, stopped.signal);
  }
  for (;;) {
    const text = isJson ? `${JSON.stringify(status)}\n` : clusterText(status, terminal.outHasColor);
    terminal.out(text);
    if (!flag("watch") || !await pause(stopped.signal)) return statusOf(status);
    status = await look(invocation);
    if (!isJson) terminal.out("\n");
  }
}

async function look(invocation: Invocation): Promise<ClusterStatus> {
  const { dataDir, store } = invocation;
  const api = namedServer(invocation);
  if (api !== null) return await api.request("GET", "/cluster") as unknown as ClusterStatus;
  await requireFolder(dataDir);
  const { readCluster } = await import("../node/cluster_reader.ts");
  return await readCluster({ dataDir, store });
}

/** The newest state, drawn over the one before. */
async function watchInPlace(
  first: ClusterStatus,
  invocation: Invocation,
  signal: AbortSignal,
): Promise<number> {
  const { terminal } = invocation;
  let status = first;
  const screen = new LiveScreen(
    terminal,
    ({ rows }) =>
      clusterText(status, terminal.errHasColor).trimEnd().split("\n").slice(0, rows - 1),
  );
  try {
    while (await pause(signal)) status = await look(invocation);
  } finally {
    screen.close();
  }
  return statusOf(status);
}

/** Whether it is to go on after a second. */
async function pause(signal: AbortSignal): Promise<boolean> {
  await sleep(WATCH_EVERY_MS, undefined, { signal }).catch(() => {});
  return !signal.aborted;
}

function statusOf({ nodes, partitions }: ClusterStatus): number {
  const up = new Set(nodes.filter(isUp).map(({ nodeId }) => nodeId));
  return partitions.every(({ leader }) => leader !== null && up.has(leader))
    ? EXIT.completed
    : EXIT.failed;
}

function isUp({ state }: NodeStatus<SeenState>): boolean {
  return state === "living" || state === "draining";
}

function clusterText({ nodes, partitions }: ClusterStatus, color: boolean): string {
  if (partitions.length === 0) return "No node has served this store yet: deno task serve\n";
  return `${nodesText(nodes, color)}\n${partitionsText(partitions, nodes, color)}`;
}

function nodesText(nodes: readonly NodeStatus<SeenState>[], color: boolean): string {
  if (nodes.length === 0) return "No node lives: deno task serve\n";
  const paint = painter(color);
  const rows = nodes.map((node) => [
    node.nodeId,
    node.state,
    node.partitions.join(" ") || "-",
    String(node.runs),
    node.url ?? "-",
    `${node.host}:${node.pid}`,
    `${node.startedAt.slice(0, 19)}Z`,
    node.version,
  ]);
  const head = ["NODE", "STATE", "LEADS", "RUNS", "URL", "PROCESS", "SINCE", "VERSION"];
  return table(
    [head, ...rows],
    (text, row, column) =>
      column === 1 && row > 0 ? paint(TINTS[nodes[row - 1]!.state], text) : text,
  );
}

function partitionsText(
  partitions: readonly PartitionStatus[],
  nodes: readonly NodeStatus<SeenState>[],
  color: boolean,
): string {
  const paint = painter(color);
  const up = new Set(nodes.filter(isUp).map(({ nodeId }) => nodeId));
  const rows = partitions.map(({ partition, leader, term, waiting }) => [
    String(partition),
    leader === null ? "none" : up.has(leader) ? leader : `${leader} (gone)`,
    String(term),
    waiting >= 100 ? "100+" : String(waiting),
  ]);
  return table([["PARTITION", "LEADER", "TERM", "WAITING"], ...rows], (text, row, column) => {
    if (column !== 1 || row === 0) return text;
    const { leader } = partitions[row - 1]!;
    return leader !== null && up.has(leader) ? text : paint("red", text);
  });
}

/** Columns as wide as their widest cell; `paint` colours a cell that has its width already. */
function table(
  rows: readonly string[][],
  paint: (text: string, row: number, column: number) => string,
): string {
  const plain = rows.map((row) => row.map(plainText));
  const widths = plain[0]!.map((_, at) => Math.max(...plain.map((row) => row[at]!.length)));
  return plain.map((row, line) =>
    row.map((text, at) => paint(text.padEnd(widths[at]!), line, at)).join("  ").trimEnd() + "\n"
  ).join("");
}
