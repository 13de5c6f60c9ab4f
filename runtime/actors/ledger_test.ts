import assert from "node:assert/strict";
import type { ActorCommit, ActorStore } from "../../core/actor_ports.ts";
import { ConflictError } from "../../core/errors.ts";
import { openMemoryActorStore } from "../store/mod.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";

interface Marked {
  n: number;
}

const HOLDER = { nodeId: "n", host: "h", pid: 1, processStart: "0" };

/** A memory store whose commits are seen, and can be held up. */
async function setUp(rest: Partial<LedgerOptions<Marked>> = {}) {
  const memory = openMemoryActorStore<Marked>();
  const fence = await memory.claimSystem("s", HOLDER, null);
  const commits: ActorCommit<Marked>[] = [];
  let gate = Promise.resolve();
  const store: ActorStore<Marked> = Object.create(memory, {
    commit: {
      value: async (...args: Parameters<ActorStore<Marked>["commit"]>) => {
        commits.push(args[1]);
        await gate;
        return await memory.commit(...args);
      },
    },
  });
  const lost: unknown[] = [];
  const ledger = new Ledger<Marked>({
    store,
    fence,
    onTurn() {},
    extras: () => ({}),
    onDurable() {},
    onLost: (error) => lost.push(error),
    ...rest,
  });
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  };
  return { memory, fence, ledger, commits, lost, hold };
}

async function read(store: ActorStore<Marked>): Promise<number[]> {
  const segments = await Array.fromAsync(store.readLog("s"));
  return segments.flatMap(({ events }) => events.map(({ n }) => n));
}

Deno.test("Ledger collects while it writes, and writes that as one commit", async () => {
  const { ledger, commits, hold, memory } = await setUp();
  const release = hold();
  ledger.open().log.push({ n: 1 });
  await Promise.resolve();
  for (const n of [2, 3, 4]) ledger.open().log.push({ n });
  release();
  await ledger.settled();
  assert.deepEqual(commits.map(({ units }) => units.length), [1, 3]);
  assert.deepEqual(await read(memory), [1, 2, 3, 4]);
});

Deno.test("Ledger runs an effect behind the commit of what came before it", async () => {
  const { ledger, hold } = await setUp();
  const seen: string[] = [];
  const release = hold();
  ledger.open().log.push({ n: 1 });
  ledger.after(() => seen.push("first"));
  await Promise.resolve();
  ledger.open().log.push({ n: 2 });
  ledger.after(() => seen.push("second"));
  assert.deepEqual(seen, []);
  release();
  await ledger.settled();
  assert.deepEqual(seen, ["first", "second"]);
});

Deno.test("Ledger writes nothing where there is nothing to write, and still runs effects", async () => {
  const { ledger, commits } = await setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  ledger.open();
  ledger.after(resolve);
  await promise;
  await ledger.settled();
  assert.deepEqual(commits, []);
  ledger.touch();
  await ledger.settled();
  assert.equal(commits.length, 1);
});

Deno.test("Ledger that lost its system writes nothing more, and runs no effect", async () => {
  const { ledger, memory, fence, lost, commits } = await setUp();
  await memory.claimSystem("s", { ...HOLDER, nodeId: "other" }, { ...HOLDER });
  ledger.open().log.push({ n: 1 });
  ledger.after(() => assert.fail("It is not durable"));
  await ledger.settled();
  assert.equal(lost.length, 1);
  assert.ok(lost[0] instanceof ConflictError);
  ledger.open().log.push({ n: 2 });
  await ledger.stop();
  assert.equal(commits.length, 1);
  assert.deepEqual(await read(memory), []);
  assert.equal(fence.system, "s");
});

Deno.test("Ledger stops when all that was collected is durable", async () => {
  const { ledger, memory } = await setUp();
  ledger.open().log.push({ n: 1 });
  ledger.after(() => ledger.open().log.push({ n: 2 }));
  await ledger.stop();
  assert.deepEqual(await read(memory), [1, 2]);
});
