/**
 * SIGSTOP, SIGCONT and kill -9 of nodes that share a KV file: at no time do two of them work on one
 * partition, and whoever is left leads all of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type LeadershipNote, PARTITIONS } from "./lead_partitions.ts";

const T = 500;
const SCRIPT = new URL("./lead_partitions.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

class Node {
  readonly process: Deno.ChildProcess;
  readonly #notes: string;

  constructor(folder: string, nodeId: string) {
    this.#notes = `${folder}/${nodeId}.jsonl`;
    Deno.writeTextFileSync(this.#notes, "");
    this.process = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", `--config=${CONFIG}`, SCRIPT],
        ...[`${folder}/state.kv`, nodeId, this.#notes, String(T)],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  }

  notes(): LeadershipNote[] {
    const lines = readFileSync(this.#notes, "utf8").split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  }

  /** How many partitions it leads now. */
  load(): number {
    return this.notes().at(-1)?.leads.length ?? 0;
  }
}

async function until(what: string, holds: () => boolean): Promise<number> {
  const from = performance.now();
  while (!holds()) {
    if (performance.now() - from > 60_000) assert.fail(`Waited in vain until ${what}`);
    await sleep(10);
  }
  return performance.now() - from;
}

/** Two nodes in one term, or an older term behind a younger one. */
function findOverlaps(nodes: readonly Node[]): string[] {
  const newest = new Map<number, { term: number; node: number; at: number }>();
  const notes = nodes.flatMap((node, index) => node.notes().map((note) => ({ ...note, index })));
  const overlaps: string[] = [];
  for (const { at, leads, index } of notes.toSorted((a, b) => a.at - b.at)) {
    for (const [partition, term] of leads) {
      const last = newest.get(partition);
      const isOlder = last !== undefined && (term < last.term && at > last.at);
      if (isOlder || (last?.term === term && last.node !== index)) {
        overlaps.push(`${partition}: term ${term} of ${index} at ${at}, after ${last!.term}`);
      }
      if (last === undefined || term >= last.term) newest.set(partition, { term, node: index, at });
    }
  }
  return overlaps;
}

Deno.test("Membership of a stopped process never leads beside another one", async () => {
  const folder = await Deno.makeTempDir({ prefix: "denizen-pause-" });
  const nodes = ["a", "b"].map((nodeId) => new Node(folder, nodeId));
  const [a, b] = nodes as [Node, Node];
  try {
    const isShared = () => a.load() === PARTITIONS / 2 && b.load() === PARTITIONS / 2;
    await until("both lead half", isShared);
    for (let round = 0; round < 3; round++) {
      a.process.kill("SIGSTOP");
      await until("b leads all", () => b.load() === PARTITIONS);
      a.process.kill("SIGCONT");
      await until("a has half of them again", isShared);
    }
    // Shorter than the lease: it goes on.
    a.process.kill("SIGSTOP");
    await sleep(T / 4);
    a.process.kill("SIGCONT");
    await until("both lead half", isShared);
    b.process.kill("SIGKILL");
    await until("a leads all", () => a.load() === PARTITIONS);
    assert.deepEqual(findOverlaps(nodes), []);
  } finally {
    for (const { process } of nodes) {
      try {
        process.kill("SIGKILL");
      } catch {
        // It was killed before.
      }
      await process.status;
    }
    await Deno.remove(folder, { recursive: true });
  }
});
