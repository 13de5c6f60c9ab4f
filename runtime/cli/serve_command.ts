import config from "../../deno.json" with { type: "json" };
import { formatDuration, parseDurationMs } from "../../core/duration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { SHARED_PARTITIONS_MAX } from "../../core/partitions.ts";
import type { ClusterNode, ClusterNodeOptions, Notice } from "../node/cluster_node.ts";
import type { StageNews } from "../node/stages.ts";
import { clockTime } from "./clock_time.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt, type StopSignal } from "./interrupts.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";
import { withDataOption } from "./with_data_option.ts";

const HOST = "127.0.0.1";
const PORT = 7717;
/** Longer ones would keep everybody waiting who looks whether a node lives. */
const ELECTION_TIMEOUT_MS_MAX = 60_000;
/** Shorter ones would take a pause of the garbage collector for a death. */
const ELECTION_TIMEOUT_MS_MIN = 100;

/**
 * `serve`: a node, until Ctrl-C or SIGTERM. The first drains it and ends with 0, the second ends it at
 * once: what it worked on goes on elsewhere.
 */
export async function serve(invocation: Invocation): Promise<number> {
  const options = optionsOf(invocation);
  const { dataDir, store } = invocation;
  await requireFolder(dataDir);
  const log = new NodeLog(invocation);
  const stopped = Promise.withResolvers<StopSignal>();
  using _interrupts = onInterrupt(
    (signal) => stopped.resolve(signal),
    (again) => Deno.exit(again === "SIGINT" ? EXIT.interrupted : EXIT.terminated),
  );
  const node = await start({
    ...options,
    dataDir,
    store,
    version: config.version,
    onStage: (news) => log.stage(news),
    onNotice: (notice) => log.notice(notice),
  }, { invocation, log });
  log.ready(node);
  try {
    const signal = await Promise.race([stopped.promise, node.replaced]);
    log.say(`${signal}: draining; once more to stop at once`);
  } finally {
    await node.close();
  }
  log.say("stopped");
  return EXIT.completed;
}

/** The usual port may be taken by another node of this machine: then any other will do. */
async function start(
  options: ClusterNodeOptions,
  { invocation: { text }, log }: { invocation: Invocation; log: NodeLog },
): Promise<ClusterNode> {
  const { startClusterNode } = await import("../node/cluster_node.ts");
  try {
    return await startClusterNode(options);
  } catch (error) {
    const isTaken = error instanceof InvalidInputError && error.code === "LISTEN_FAILED";
    if (!isTaken || text("port") !== undefined) throw error;
    const host = text("host") ?? HOST;
    log.say(`port ${PORT} is taken: any other will do`);
    return await startClusterNode({ ...options, listen: `${host}:0` });
  }
}

function optionsOf({ text }: Invocation) {
  const partitions = text("partitions");
  return {
    nodeId: readName(text("node-id")),
    listen: `${text("host") ?? HOST}:${readNumber("port", text("port") ?? String(PORT), 65_535)}`,
    ...(partitions === undefined
      ? {}
      : { partitions: readNumber("partitions", partitions, SHARED_PARTITIONS_MAX) }),
    electionTimeoutMs: readDuration("election-timeout", text("election-timeout") ?? "1s"),
    drainMs: readDuration("drain-timeout", text("drain-timeout") ?? "30s"),
  };
}

function readName(name: string | undefined): string | undefined {
  if (name === undefined || /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return name;
  throw wrong("node-id", name, "Use 1 to 63 letters, digits, dots, dashes and underscores");
}

function readNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  const min = option === "port" ? 0 : 1;
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw wrong(option, text, `Give a whole number from ${min} to ${max}`);
}

function readDuration(option: string, text: string): number {
  const ms = parseDurationMs(text);
  const [min, max] = option === "election-timeout"
    ? [ELECTION_TIMEOUT_MS_MIN, ELECTION_TIMEOUT_MS_MAX]
    : [0, 60 * 60_000];
  if (ms !== null && ms >= min && ms <= max) return ms;
  const range = `from ${formatDuration(min)} to ${formatDuration(max)}`;
  throw wrong(option, text, `Give a duration ${range}: 500ms, 1s, 30s`);
}

function wrong(option: string, text: string, hint: string): InvalidInputError {
  const message = `Cannot use --${option} "${text}"`;
  return new InvalidInputError("OPTION_VALUE_WRONG", { message, hint });
}

/** What a node says while it works: a line an event, as text or with `--json` as JSON. */
class NodeLog {
  readonly #invocation: Invocation;

  constructor(invocation: Invocation) {
    this.#invocation = invocation;
  }

  stage({ direction, number, count, name }: StageNews): void {
    const verb = direction === "start" ? "starting" : "stopping";
    this.#line({ type: "stage", direction, number, name }, `${verb} ${number}/${count}: ${name}`);
  }

  notice(notice: Notice): void {
    this.#line({ ...notice }, noticeText(notice));
  }

  ready({ nodeId, url }: ClusterNode): void {
    const { dataDir, store, isJson, terminal } = this.#invocation;
    const look = withDataOption("deno task denizen cluster", { dataDir, store });
    this.#line(
      { type: "ready", nodeId, url },
      `node ${nodeId} is up at ${url}; look with: ${look}`,
    );
    // The one document on standard output says where it is.
    if (isJson) terminal.out(`${JSON.stringify({ nodeId, url, pid: Deno.pid })}\n`);
  }

  say(text: string): void {
    this.#line({ type: "log", message: text }, text);
  }

  #line(record: Record<string, unknown>, text: string): void {
    const { isJson, terminal } = this.#invocation;
    const line = isJson
      ? JSON.stringify({ at: new Date().toISOString(), ...record })
      : `${clockTime(Date.now())} ${plainText(text)}`;
    terminal.err(`${line}\n`);
  }
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
      return `error: ${message}`;
  }
}
