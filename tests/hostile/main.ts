/**
 * `deno task test:hostile [TEXT…]`: attacks one running actor system with one behaviour after the
 * other, or with those whose name holds one of the texts. Prints a table, and the counts alone on
 * the last line.
 *
 * @module
 */
import { Arena, type Behaviour, runBehaviour, SLOW, type Verdict } from "./arena/mod.ts";
import { BEHAVIOURS } from "./behaviours/mod.ts";
import { printRow, printTable } from "./table.ts";

/** A machine that does other things besides makes neighbours slow, too: such a row is run again. */
const TRIES_MAX = 6;
/** At the 99th percentile, without an attack. */
const QUIET_P99_MS = 15;
const QUIET_MS_MAX = 15_000;

async function main(filters: string[]): Promise<number> {
  const chosen = BEHAVIOURS.filter(({ name }) =>
    filters.length === 0 || filters.some((text) => name.includes(text))
  );
  const verdicts: Verdict[] = [];
  let arena = await Arena.start(BEHAVIOURS);
  try {
    for (const behaviour of chosen) {
      const verdict = await attempt(behaviour, arena);
      verdicts.push(verdict);
      printRow(verdict);
      if (verdict.faults.length === 0) continue;
      // What one attack left behind must not be laid to the next one's charge.
      await arena[Symbol.asyncDispose]();
      arena = await Arena.start(BEHAVIOURS);
    }
    if (!await arena.isAuditWhole()) throw new Error("The chain of the audit log is broken");
  } finally {
    await arena[Symbol.asyncDispose]();
  }
  printTable(verdicts);
  const failed = verdicts.filter(({ faults }) => faults.length > 0).length;
  console.log(`${verdicts.length - failed} passed, ${failed} failed`);
  return failed === 0 && verdicts.length > 0 ? 0 : 1;
}

async function attempt(behaviour: Behaviour, arena: Arena): Promise<Verdict> {
  for (let tries = 1;; tries++) {
    const verdict = await runBehaviour(behaviour, arena, tries);
    const isSlowOnly = verdict.faults.length > 0 &&
      verdict.faults.every((fault) => fault.startsWith(SLOW));
    if (!isSlowOnly || tries >= TRIES_MAX) return verdict;
    await awaitQuiet(arena);
  }
}

/** Waits until neighbours that nobody attacks answer soon: else it is the machine that is measured. */
async function awaitQuiet(arena: Arena): Promise<void> {
  for (const endsAt = performance.now() + QUIET_MS_MAX; performance.now() < endsAt;) {
    const probe = arena.probe();
    await new Promise((resolve) => setTimeout(resolve, 500));
    if ((await probe.stop()).p99Ms < QUIET_P99_MS) return;
  }
}

Deno.exit(await main(Deno.args));
