import { join, resolve } from "node:path";
import { type Ending, treeLines, type TreeView } from "../../actors/supervision/mod.ts";
import { parseDurationMs } from "../../core/duration.ts";
import { DenizenError, InvalidInputError } from "../../core/errors.ts";
import type { ActorSystem, LoadedSystem } from "../actors/mod.ts";
import type { HostedActorSystem } from "../node/host_actor_system.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt, type StopSignal } from "./interrupts.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";
import { tellWarnings } from "./run_command.ts";
import { SystemLog } from "./system_log.ts";

/** Platform timers take 31 bits. */
const FOR_MS_MAX = 2 ** 31 - 1;

/**
 * `actors run FILE`: exit 0 when the system was stopped or stopped itself, 1 when its root gave up.
 * The first Ctrl-C stops it in order, the second at once.
 */
export async function run(invocation: Invocation): Promise<number> {
  const forMs = readFor(invocation);
  const { terminal, dataDir } = invocation;
  await requireFolder(dataDir);
  const loaded = await load(invocation);
  await tellWarnings(loaded.warnings, invocation);
  const isQuiet = invocation.flag("quiet");
  const log = new SystemLog(isQuiet ? () => {} : (line) => terminal.err(`${line}\n`), {
    isVerbose: invocation.flag("verbose"),
  });
  try {
    const lived = await live(loaded, { invocation, log, forMs });
    log.close();
    return tell(lived, invocation);
  } finally {
    log.close();
  }
}

function readFor(invocation: Invocation): number | null {
  const text = invocation.text("for");
  if (text === undefined) return null;
  const ms = parseDurationMs(text);
  if (ms !== null && ms <= FOR_MS_MAX) return ms;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --for "${text}"`,
    hint: "Give a duration of at most 24d: 250ms, 30s, 10m, 2h",
  });
}

async function load({ positionals, dataDir }: Invocation): Promise<LoadedSystem> {
  const { loadSystem } = await import("../actors/mod.ts");
  const cacheDir = join(resolve(dataDir), "bundles");
  return await loadSystem(positionals[0]!, { cacheDir, foreign: "defer" });
}

/** How a system ended. */
interface Lived {
  name: string;
  /** `null`: it was stopped before its tree came to its start. */
  system: ActorSystem | null;
  ending: Ending;
  signal: StopSignal | null;
}

interface Living {
  invocation: Invocation;
  log: SystemLog;
  forMs: number | null;
}

/** From the start of a system to its end, whoever ends it. */
async function live(loaded: LoadedSystem, living: Living): Promise<Lived> {
  const { log, forMs } = living;
  const { name } = loaded.definition;
  const stopped = new AbortController();
  let signal: StopSignal | null = null;
  using _interrupts = onInterrupt((first) => {
    signal = first;
    log.say(`stopping; once more to stop at once`);
    stopped.abort();
  }, (again) => Deno.exit(again === "SIGINT" ? EXIT.interrupted : EXIT.terminated));
  const open = await start(loaded, living, stopped.signal);
  if (open === null) {
    return { name, system: null, ending: { type: "stopped", at: Date.now() }, signal };
  }
  const { system } = open;
  if (system.tree().status === "running") log.say(`${name} runs; Ctrl-C stops it`);
  const timer = forMs === null ? undefined : setTimeout(() => stopped.abort(), forMs);
  try {
    // The signal stops it.
    await system.ended;
  } finally {
    clearTimeout(timer);
    await open.close();
  }
  return { name, system, ending: await system.ended, signal };
}

/** `null`: it was stopped before there was a tree. */
async function start(
  loaded: LoadedSystem,
  { invocation, log }: Living,
  signal: AbortSignal,
): Promise<HostedActorSystem | null> {
  const { hostActorSystem } = await import("../node/host_actor_system.ts");
  const { dataDir, store } = invocation;
  try {
    return await hostActorSystem(loaded, {
      dataDir,
      store,
      onNews: (news) => log.tell(news),
      signal,
    });
  } catch (error) {
    const isStopped = error instanceof DenizenError && error.code === "SYSTEM_STOPPED";
    if (signal.aborted && isStopped) return null;
    throw error;
  }
}

function tell(lived: Lived, { terminal, isJson }: Invocation): number {
  const { name, system, ending, signal } = lived;
  const tree = system?.tree() ?? null;
  if (isJson) {
    const stats = system?.stats() ?? null;
    terminal.out(`${JSON.stringify({ system: name, ending, signal, stats, tree })}\n`);
  } else if (tree !== null) terminal.out(treeText(tree));
  if (ending.type !== "stopped") {
    const why = `${ending.error.code} ${ending.error.message}`;
    const what = ending.type === "gave_up" ? "gave up" : "did not start";
    terminal.err(plainText(`${name} ${what}: ${ending.child}: ${why}`) + "\n");
    return EXIT.failed;
  }
  return signal === "SIGINT" ? EXIT.interrupted : EXIT.completed;
}

/** A supervision tree for the terminal. */
export function treeText(tree: TreeView): string {
  return treeLines(tree, Date.now(), plainText).map((line) => `${line}\n`).join("");
}
