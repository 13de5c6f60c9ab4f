import {
  backUp,
  type BackupSummary,
  restore as restoreBackup,
  verifyBackup,
} from "../backup/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { onInterrupt, type StopSignal } from "./interrupts.ts";
import { plainText } from "./plain_text.ts";

/** `backup FILE`, and with `--verify` a look at one that is there. */
export function backup(invocation: Invocation): Promise<number> {
  const [file] = invocation.positionals as [string];
  const isForced = invocation.flag("force");
  if (invocation.flag("verify")) {
    return tell(invocation, "Found whole", () => verifyBackup(file));
  }
  return tell(
    invocation,
    "Made and checked",
    (signal) => backUp(invocation, file, { isForced, signal }),
  );
}

/** `restore FILE`. */
export function restore(invocation: Invocation): Promise<number> {
  const [file] = invocation.positionals as [string];
  return tell(
    invocation,
    "Restored, and read back the same,",
    (signal) => restoreBackup(file, invocation, { signal }),
  );
}

/** Ctrl-C leaves nothing half done behind. */
async function tell(
  { terminal, isJson, positionals }: Invocation,
  what: string,
  work: (signal: AbortSignal) => Promise<BackupSummary>,
): Promise<number> {
  const abort = new AbortController();
  let stoppedBy: StopSignal | null = null;
  using _ = onInterrupt((signal) => {
    stoppedBy = signal;
    abort.abort();
  }, (signal) => Deno.exit(signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated));
  try {
    const summary = await work(abort.signal);
    if (isJson) terminal.out(`${JSON.stringify({ file: positionals[0], ...summary })}\n`);
    else terminal.out(textOf(`${what} "${plainText(positionals[0]!)}"`, summary));
    return EXIT.completed;
  } catch (error) {
    if (stoppedBy === null || error !== abort.signal.reason) throw error;
    terminal.err("Stopped; nothing was left behind\n");
    return stoppedBy === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  }
}

function textOf(what: string, { madeAt, program, engine, counts, bytes, sha256 }: BackupSummary) {
  const rows = Object.entries(counts).map(([kind, count]) =>
    `  ${String(count).padStart(9)}  ${kind}`
  );
  return `${what}\n` +
    `made at ${new Date(madeAt).toISOString()} by Denizen ${plainText(program)} from ${engine}, ` +
    `${bytes} bytes\nsha256 ${sha256}\n${rows.join("\n")}\n`;
}
