import config from "../../deno.json" with { type: "json" };
import { InvalidInputError } from "../../core/errors.ts";
import type { Server, ServerOptions } from "../server/mod.ts";
import type { NodeLog } from "../telemetry/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt, type StopSignal } from "./interrupts.ts";
import { inWords, logNotice, logStage } from "./node_lines.ts";
import { requireFolder } from "./require_folder.ts";
import { isPortChosen, readLogOptions, readServeOptions } from "./serve_options.ts";
import { withDataOption } from "./with_data_option.ts";

/**
 * `serve`: a node, until Ctrl-C or SIGTERM. The first drains it and ends with 0, the second ends it at
 * once: what it worked on goes on elsewhere.
 */
export async function serve(invocation: Invocation): Promise<number> {
  const { drawNodeName } = await import("../node/node_name.ts");
  const { nodeId = drawNodeName(), ...options } = await readServeOptions(invocation);
  const { dataDir, store, terminal } = invocation;
  await requireFolder(dataDir);
  const { openNodeLog } = await import("../telemetry/mod.ts");
  const write = (line: string) => terminal.err(line);
  const logOptions = readLogOptions(invocation);
  const opened = openNodeLog({ ...logOptions, node: nodeId, write });
  const log = logOptions.format === "text" ? inWords(opened) : opened;
  const stopped = Promise.withResolvers<StopSignal>();
  using _interrupts = onInterrupt(
    (signal) => stopped.resolve(signal),
    (again) => Deno.exit(again === "SIGINT" ? EXIT.interrupted : EXIT.terminated),
  );
  const server = await start({
    ...options,
    nodeId,
    dataDir,
    store,
    version: config.version,
    onStage: (news) => logStage(log, news),
    onNotice: (notice) => logNotice(log, notice),
    onFault: (error, request) => logFault(log, error, request),
  }, { log, invocation });
  try {
    await tellReady(server, { log, invocation });
    const signal = await Promise.race([stopped.promise, server.node.replaced]);
    log.log("info", `${signal}: draining; once more to stop at once`);
  } finally {
    await server.close();
  }
  log.log("info", "stopped");
  await log.close();
  return EXIT.completed;
}

interface Voice {
  log: NodeLog;
  invocation: Invocation;
}

/** The usual port may be taken by another node of this machine: then any other will do. */
async function start(options: ServerOptions, { log, invocation }: Voice): Promise<Server> {
  const { startServer } = await import("../server/mod.ts");
  try {
    return await startServer(options);
  } catch (error) {
    const isTaken = error instanceof InvalidInputError && error.code === "LISTEN_FAILED";
    if (!isTaken || isPortChosen(invocation)) throw error;
    log.log("info", `port ${options.port} is taken: any other will do`);
    return await startServer({ ...options, port: 0 });
  }
}

function logFault(log: NodeLog, error: unknown, request: string | undefined): void {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  log.log("error", `failed: ${message}`, { type: "fault", request, stack });
}

/** Where it is, how to get in, and what it has for those who come. */
async function tellReady(server: Server, { log, invocation }: Voice): Promise<void> {
  const { node: { nodeId }, url, firstKey, registered } = server;
  const { dataDir, store, isJson, terminal } = invocation;
  for (const { file, workflow, isNew, error } of registered) {
    if (error !== null) {
      log.log("warn", `cannot register "${file}": ${error.message}`, { ...error });
    } else if (isNew) log.log("info", `registered workflow ${workflow}`, { file });
  }
  const look = withDataOption("deno task denizen cluster", { dataDir, store });
  log.log("info", `node ${nodeId} is up at ${url}; look with: ${look}`, { type: "ready", url });
  const signInUrl = await server.signInLink();
  // Secrets go to whoever started the node, once; never into its log.
  if (isJson) {
    const secrets = { signInUrl, apiKey: firstKey?.text ?? null };
    terminal.out(`${JSON.stringify({ nodeId, url, pid: Deno.pid, ...secrets })}\n`);
    return;
  }
  if (firstKey !== null) {
    terminal.out(`API key of this store, shown once: ${firstKey.text}\n`);
  }
  if (signInUrl !== null) terminal.out(`Dashboard, for one sign-in: ${signInUrl}\n`);
}
