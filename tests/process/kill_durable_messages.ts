/**
 * kill -9 of a node at random moments while durable messages go from many senders to many receivers.
 * What must hold is checked after each kill, by the store and by a ledger outside of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import { openKvStores } from "../../runtime/store/mod.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { SeededRandom } from "../seeded_random.ts";
import { killNode } from "./process_tree.ts";

export interface KillOptions {
  /** Actors that send; the program around the system sends as well. */
  sources: number;
  sinks: number;
  /** Messages of each sender to each sink. */
  each: number;
  kills: number;
  random: SeededRandom;
}

/** What came of it; everything that must hold was asserted. */
export interface KillReport {
  messages: number;
  kills: number;
  /** Messages that stand in the ledger more than once: they were in flight at a kill. */
  repeated: number;
  /** Kills that made at least one message come twice. */
  repeatingKills: number;
}

const CONFIG = decodeURIComponent(new URL("../../deno.json", import.meta.url).pathname);
const DRIVE = decodeURIComponent(new URL("messages/drive.ts", import.meta.url).pathname);
/** Of the kills come so many before the node has done anything that can be seen. */
const EARLY_SHARE = 0.2;
const EARLY_MS_MAX = 800;
const LATER_MS_MAX = 20;
const STANDSTILL_MS = 60_000;
/** A line of the ledger, on average. */
const LINE_BYTES = 22;

/** A receiver and a sender, as the ledger names them. */
type Pair = `${number} ${string}`;

/** Kills a node again and again, lets the last one end by itself, and checks what is left. */
export async function killDurableMessages(options: KillOptions): Promise<KillReport> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-messages-" });
  Deno.writeTextFileSync(`${folder}/ledger`, "");
  try {
    return await killAndCheck(folder, options);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function killAndCheck(folder: string, options: KillOptions): Promise<KillReport> {
  const { each, kills } = options;
  const messages = countMessages(options);
  const report: KillReport = { messages, kills: 0, repeated: 0, repeatingKills: 0 };
  const ledger = new Ledger(folder);
  for (let left = kills; left >= 0; left--) {
    const known = await readCounts(folder, options);
    const node = startNode(folder, options);
    if (left === 0) assert.equal((await node.status).code, 0, "the last node did not end well");
    else {
      await killAtRandom(node, ledger, { ...options, left });
      report.kills++;
    }
    const repeated = ledger.readOn(known);
    report.repeated += repeated;
    if (repeated > 0) report.repeatingKills++;
  }
  const counts = await readCounts(folder, options);
  for (const pair of pairsOf(options)) {
    assert.equal(counts.get(pair), each, `the state does not count ${pair} exactly once`);
    assert.equal(ledger.lastOf(pair), each, `the ledger ends early for ${pair}`);
  }
  return report;
}

function startNode(folder: string, { sources, sinks, each }: KillOptions): Deno.ChildProcess {
  const args = [folder, sources, sinks, each].map(String);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `--config=${CONFIG}`, DRIVE, ...args],
    stdin: "null",
    stdout: "null",
  }).spawn();
}

/** Some while after the start, or once so many lines more are in the ledger. */
async function killAtRandom(
  node: Deno.ChildProcess,
  ledger: Ledger,
  options: KillOptions & { left: number },
): Promise<void> {
  const { left, random } = options;
  let hasEnded = false;
  node.status.then(() => hasEnded = true);
  if (random.chance(EARLY_SHARE)) await sleep(random.int(0, EARLY_MS_MAX));
  else {
    // On average all kills together come to three quarters of the messages.
    const rest = countMessages(options) - ledger.different;
    const lines = random.int(1, Math.max(1, Math.floor(1.5 * rest / (left + 1))));
    const startMs = performance.now();
    for (const before = ledger.lines(); ledger.lines() < before + lines;) {
      assert.ok(!hasEnded, "the node ended before it was killed");
      assert.ok(performance.now() - startMs < STANDSTILL_MS, "the node stands still");
      await sleep(2);
    }
    await sleep(random.int(0, LATER_MS_MAX));
  }
  await killNode(node);
}

/** The file into which sinks write: a line a message, `SINK SENDER N`. */
class Ledger {
  readonly #path: string;
  /** Bytes that were checked. */
  #offset = 0;
  readonly #last = new Map<Pair, number>();

  constructor(folder: string) {
    this.#path = `${folder}/ledger`;
  }

  /** Different messages in it, as far as it was checked. */
  get different(): number {
    return this.#last.values().reduce((sum, last) => sum + last, 0);
  }

  lastOf(pair: Pair): number {
    return this.#last.get(pair) ?? 0;
  }

  /** About how many lines it has by now. */
  lines(): number {
    return statSync(this.#path).size / LINE_BYTES;
  }

  /**
   * Checks what one node has written. `handled` is what the states knew before it began: of each
   * sender and receiver it must go on exactly behind that, one by one. So a message comes twice only
   * when it was in flight at a kill, none is left out, and none overtakes another.
   *
   * @returns messages that an earlier node had written, too
   */
  readOn(handled: ReadonlyMap<Pair, number>): number {
    const text = readFileSync(this.#path, "utf8").slice(this.#offset);
    this.#offset += text.length;
    const next = new Map<Pair, number>();
    let repeated = 0;
    for (const line of text.split("\n").filter(Boolean)) {
      const [sink, sender, digits] = line.split(" ");
      const [pair, n] = [`${sink} ${sender}` as Pair, Number(digits)];
      const expected = next.get(pair) ?? (handled.get(pair) ?? 0) + 1;
      assert.equal(
        n,
        expected,
        `message ${n} of "${pair}" was handled in the place of ${expected}`,
      );
      next.set(pair, n + 1);
      const last = this.lastOf(pair);
      if (n <= last) repeated++;
      this.#last.set(pair, Math.max(last, n));
    }
    return repeated;
  }
}

function pairsOf({ sources, sinks }: KillOptions): Pair[] {
  const senders = Array.from({ length: sources }, (_, source) => `actor://source/${source}`);
  return ["external", ...senders].flatMap((sender) =>
    Array.from({ length: sinks }, (_, sink): Pair => `${sink} ${sender}`)
  );
}

function countMessages({ sources, sinks, each }: KillOptions): number {
  return (sources + 1) * sinks * each;
}

/** What the sinks' states say, by the store alone: messages handled of each sender. */
async function readCounts(folder: string, { sinks }: KillOptions): Promise<Map<Pair, number>> {
  const counts = new Map<Pair, number>();
  await Deno.mkdir(`${folder}/data`, { recursive: true });
  const stores = await openKvStores<RunEvent, DeliveryEvent>(`${folder}/data/denizen.kv`);
  try {
    const addresses = Array.from({ length: sinks }, (_, sink) => `actor://sink/${sink}`);
    const states = await stores.actors.states("messages", addresses);
    for (const [sink, state] of states.entries()) {
      if (state === null) continue;
      const { last, count } = JSON.parse(state.text) as Record<string, Record<string, number>>;
      // Numbered from 1 without gaps: more than one handling of any would make these differ.
      assert.deepEqual(count, last, `sink ${sink} counted a message twice, or lost one`);
      for (const [sender, n] of Object.entries(last!)) {
        counts.set(`${sink} ${sender}` as Pair, n);
      }
    }
    return counts;
  } finally {
    stores.close();
  }
}
