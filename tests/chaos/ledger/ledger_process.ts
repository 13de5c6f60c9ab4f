import { join } from "node:path";
import { readLine } from "../../process/read_line.ts";
import type { BookEntry } from "./effect_book.ts";

/** The ledger's process, as the test sees it. */
export interface LedgerProcess {
  /** `127.0.0.1:PORT`: what agents are granted. */
  address: string;
  /** All entries, in the order in which they came. */
  entries(): Promise<BookEntry[]>;
  stop(): Promise<void>;
}

/** Starts a ledger that knows nothing yet. */
export async function startLedger(): Promise<LedgerProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", join(import.meta.dirname!, "serve_ledger.ts")],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { line: address, release } = await readLine(child.stdout);
  const known: BookEntry[] = [];
  return {
    address,
    entries: async () => {
      const answer = await fetch(`http://${address}/effects?after=${known.length}`);
      known.push(...await answer.json());
      return known;
    },
    stop: async () => {
      await child.stdin.close();
      await release();
      await child.status;
    },
  };
}
