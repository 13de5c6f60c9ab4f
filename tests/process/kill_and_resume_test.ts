/**
 * kill -9 of the node at random moments of a run, then `runs resume`: the run completes, its report
 * is that of an undisturbed run, nothing that had finished runs again, and no cell is left behind.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openReader } from "../../runtime/node/mod.ts";
import { SeededRandom } from "../seeded_random.ts";
import { killNode } from "./process_tree.ts";

const KILLS = 50;
/** Two rows of kills at a time: the machine has two cores. */
const LANES = 2;
const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const WORKFLOW = new URL("./ledger/workflow.yaml", import.meta.url).pathname;

interface LedgerLine {
  what: string;
  task: string;
  index: number;
}

function denizen(folder: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `--config=${CONFIG}`, MAIN, ...args, "--data", `${folder}/data`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

function startRun(folder: string): Deno.ChildProcess {
  return denizen(folder, "run", WORKFLOW, "--input", `folder=${folder}`);
}

async function undisturbed(): Promise<{ report: string; lines: number }> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-kill-" });
  assert.equal((await startRun(folder).status).code, 0);
  const lines = readLedger(folder).length;
  const report = readFileSync(`${folder}/report.json`, "utf8");
  await Deno.remove(folder, { recursive: true });
  return { report, lines };
}

function readLedger(folder: string): LedgerLine[] {
  try {
    const lines = readFileSync(`${folder}/ledger.jsonl`, "utf8").split("\n").filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** What the journal knows to be finished: tasks, items and steps, as the ledger names them. */
async function finishedWork(folder: string): Promise<{ runId: string; done: Set<string> } | null> {
  const reader = await openReader({ dataDir: `${folder}/data` }).catch(() => null);
  if (reader === null) return null;
  try {
    const run = (await reader.list({ limit: 1 })).items[0];
    if (run === undefined || run.status !== "running") return null;
    const done = new Set<string>();
    for await (const { event } of reader.events(run.runId)) {
      if (event.type === "TaskCompleted") done.add(`begin ${event.task} ${event.index ?? 0}`);
      if (event.type === "StepRecorded") done.add(`step ${event.stepId} ${event.task} 0`);
    }
    return { runId: run.runId, done };
  } finally {
    reader.close();
  }
}

/** When a node is killed: a while after that many lines of the ledger were written. */
interface Moment {
  lines: number;
  laterMs: number;
}

async function waitFor(moment: Moment, folder: string, node: Deno.ChildProcess): Promise<void> {
  let hasEnded = false;
  node.status.then(() => hasEnded = true);
  while (!hasEnded && readLedger(folder).length < moment.lines) await sleep(2);
  await sleep(moment.laterMs);
}

/** One kill; `false` when the run was not accepted by then, or had already closed. */
async function killOnce(moment: Moment, report: string): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-kill-" });
  try {
    const node = startRun(folder);
    await waitFor(moment, folder, node);
    await killNode(node);
    const finished = await finishedWork(folder);
    if (finished === null) return false;
    const before = readLedger(folder).length;
    const resumed = await denizen(folder, "runs", "resume", finished.runId).status;
    assert.equal(resumed.code, 0, `resume failed after a kill at ${JSON.stringify(moment)}`);
    assert.equal(readFileSync(`${folder}/report.json`, "utf8"), report);
    for (const { what, task, index } of readLedger(folder).slice(before)) {
      const key = `${what} ${task} ${index}`;
      assert.ok(
        !finished.done.has(key),
        `"${key}" ran again after a kill at ${JSON.stringify(moment)}`,
      );
    }
    return true;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: `run: survives kill -9 of the node at ${KILLS} random moments`,
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { report, lines } = await undisturbed();
    const random = new SeededRandom(20261121);
    let kills = 0;
    let tries = 0;
    const lane = async () => {
      while (kills < KILLS) {
        assert.ok(++tries < 4 * KILLS, "hardly any kill meets a run: is something wrong?");
        const moment = { lines: random.int(1, lines), laterMs: random.int(0, 20) };
        if (await killOnce(moment, report)) kills++;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  },
});
