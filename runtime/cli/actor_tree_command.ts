import { setTimeout as sleep } from "node:timers/promises";
import { treeLines, type TreeView } from "../../actors/supervision/mod.ts";
import type { ActorReader, SystemSummary } from "../node/actor_reader.ts";
import { leaderText } from "./actors_commands.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt } from "./interrupts.ts";
import { LiveScreen } from "./live_screen.ts";
import { plainText } from "./plain_text.ts";
import { treeText } from "./run_actors_command.ts";
import { fit } from "./text_width.ts";
import { withActors } from "./with_actors.ts";

const POLL_MS = 250;

/** What a look at a system shows. */
interface Look extends SystemSummary {
  tree: TreeView | null;
}

/** `actors tree [SYSTEM]`. */
export async function tree(invocation: Invocation): Promise<number> {
  return await withActors(invocation, async (actors) => {
    const { system } = await actors.system(invocation.positionals[0]);
    if (invocation.flag("watch")) await watch(actors, system, invocation);
    else tell(await look(actors, system), invocation);
    return EXIT.completed;
  });
}

async function look(actors: ActorReader, system: string): Promise<Look> {
  const summary = await actors.system(system);
  return { ...summary, tree: await actors.tree(system) };
}

function tell(seen: Look, { terminal, isJson }: Invocation): void {
  if (isJson) return terminal.out(`${JSON.stringify(seen)}\n`);
  terminal.err(`${plainText(`${seen.system}: ${leaderText(seen)}`)}\n`);
  terminal.out(seen.tree === null ? "No tree yet\n" : treeText(seen.tree));
}

/** Until Ctrl-C: in place on a terminal, one after the other elsewhere. */
async function watch(actors: ActorReader, system: string, invocation: Invocation): Promise<void> {
  const stopped = new AbortController();
  const { signal } = stopped;
  using _interrupts = onInterrupt(() => stopped.abort(), () => Deno.exit(EXIT.interrupted));
  const { terminal, isJson } = invocation;
  let seen = await look(actors, system);
  const screen = terminal.isLive && !isJson
    ? new LiveScreen(terminal, (size) => screenLines(seen, size))
    : null;
  if (screen === null) tell(seen, invocation);
  while (!signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
    const next = await look(actors, system);
    const isChanged = JSON.stringify(next) !== JSON.stringify(seen);
    seen = next;
    if (isChanged && screen === null) tell(seen, invocation);
  }
  screen?.close();
}

/** What does not fit is cut at the bottom: the root and its first children matter most. */
function screenLines(seen: Look, { columns, rows }: { columns: number; rows: number }): string[] {
  const lines = [
    plainText(`${seen.system}: ${leaderText(seen)}`),
    ...(seen.tree === null ? ["No tree yet"] : treeLines(seen.tree, Date.now(), plainText)),
  ];
  const most = Math.max(2, rows - 1);
  const shown = lines.length <= most
    ? lines
    : [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} lines more`];
  return shown.map((line) => fit(line, columns));
}
