import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../core/errors.ts";
import type { Append, Fence } from "../../core/ports.ts";
import { PARTITION, type SharedMemory, until, withNodes } from "../../tests/leading_kit.ts";
import type { RunEvent } from "../../workflows/mod.ts";

const PLACE = { task: "x", index: 0, attempt: 1 };
const DONE = { status: "completed", output: 1 } as const;

async function submit(memory: SharedMemory, runId: string, count = 1): Promise<void> {
  const ids = ["x", "y", "z"].slice(0, count);
  const packageHash = await memory.remember(ids.map((id) => ({ id })));
  await memory.wish(runId, { type: "submit", packageHash, input: {}, workDir: "/" });
}

async function typesOf(memory: SharedMemory, runId: string): Promise<string[]> {
  return (await memory.events(runId)).map(({ type }) => type);
}

/** From now on appends wait; the function returned lets them go. */
function holdAppends(memory: SharedMemory): () => void {
  const gate = Promise.withResolvers<void>();
  const { runs } = memory;
  const append = runs.append.bind(runs);
  runs.append = async (fence: Fence, what: Append<RunEvent>) => {
    await gate.promise;
    return await append(fence, what);
  };
  return () => {
    runs.append = append;
    gate.resolve();
  };
}

Deno.test("SharedPartitions begins a run that was submitted, and ends it", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    a!.answer("x");
    await until(async () => (await memory.runs.run("r1"))?.status === "completed");
    assert.deepEqual(await memory.runs.inbox(PARTITION), []);
    await until(() => a!.table.runs === 0);
  });
});

Deno.test("SharedPartitions lets attempts go on where they are when another node leads", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await a!.shared.handOver(PARTITION);
    await b!.lead();
    await until(() => b!.letters.length === 1);
    assert.deepEqual([b!.letters[0]!.to, b!.letters[0]!.letter.type], ["a/1", "adopt"]);
    a!.shared.receive(b!.letters[0]!.letter);
    a!.answer("x");
    await a!.outbox.flushed();
    b!.shared.look(PARTITION);
    await until(async () => (await memory.runs.run("r1"))?.status === "completed");
    const starts = (await typesOf(memory, "r1")).filter((type) => type === "AttemptStarted");
    assert.equal(starts.length, 1);
  });
});

Deno.test("SharedPartitions takes what a node said before it died, before it is lost", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await memory.wish("r1", { type: "finish", ...PLACE, outcome: DONE });
    b!.living.delete("a/1");
    await b!.lead();
    await until(async () => (await memory.runs.run("r1"))?.status === "completed");
    assert.ok(!(await typesOf(memory, "r1")).includes("AttemptFailed"));
  });
});

Deno.test("SharedPartitions reads the inbox before it begins the attempts of the gone anew", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1", 2);
    a!.shared.look(PARTITION);
    await a!.begun("y");
    await a!.shared.handOver(PARTITION);
    await b!.lead();
    await memory.wish("r1", { type: "finish", ...PLACE, outcome: DONE });
    b!.living.delete("a/1");
    b!.shared.onMembersChange();
    await b!.begun("y");
    assert.deepEqual([...b!.cells.values()].map(({ taskId }) => taskId), ["y"]);
  });
});

Deno.test("SharedPartitions tells a node that was taken for dead to end what was begun anew", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await a!.shared.handOver(PARTITION);
    await b!.lead();
    b!.living.delete("a/1");
    b!.shared.onMembersChange();
    await b!.begun("x");
    const cancels = b!.letters.filter(({ letter }) => letter.type === "cancel");
    assert.deepEqual(cancels.map(({ to, letter }) => [to, letter.runs]), [
      ["a/1", [{ runId: "r1", attempts: [PLACE] }]],
    ]);
    a!.shared.receive(cancels[0]!.letter);
    assert.equal(a!.cancelled.length, 1);
  });
});

Deno.test("SharedPartitions loses attempts of a node that dies while another's loss is written", async () => {
  await withNodes(["a/1", "b/1", "c/1"], async (memory, a, b, c) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await a!.shared.handOver(PARTITION);
    await c!.lead();
    await submit(memory, "r2");
    c!.shared.look(PARTITION);
    await c!.begun("x");
    await c!.shared.handOver(PARTITION);
    await b!.lead();
    const letGo = holdAppends(memory);
    b!.living.delete("a/1");
    b!.shared.onMembersChange();
    await sleep(10);
    b!.living.delete("c/1");
    b!.shared.onMembersChange();
    await sleep(10);
    letGo();
    await until(() => b!.cells.size === 2);
  });
});

Deno.test("SharedPartitions has attempts ended elsewhere once their loss is durable", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    b!.living.delete("a/1");
    const letGo = holdAppends(memory);
    await b!.lead();
    await sleep(20);
    assert.equal(b!.letters.length, 0);
    letGo();
    await until(() => b!.letters.length === 1);
    assert.equal(b!.letters[0]!.letter.type, "cancel");
  });
});

Deno.test("SharedPartitions steps down on a letter of a later leader, and says what it has not", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    // What was decided while leadership held, and not sent because it lapsed.
    a!.cells.clear();
    await b!.lead();
    await until(() => b!.letters.length === 1);
    a!.shared.receive(b!.letters[0]!.letter);
    assert.equal(a!.table.get(PARTITION), undefined);
    await a!.outbox.flushed();
    b!.shared.look(PARTITION);
    await b!.begun("x");
  });
});

Deno.test("SharedPartitions does not answer the letter of a leader that it has followed", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await a!.shared.handOver(PARTITION);
    await b!.lead();
    await until(() => b!.letters.length === 1);
    await b!.shared.handOver(PARTITION);
    await a!.lead();
    a!.shared.receive(b!.letters[0]!.letter);
    assert.notEqual(a!.table.get(PARTITION), undefined);
    assert.deepEqual(await memory.runs.inbox(PARTITION), []);
  });
});

Deno.test("SharedPartitions does not put a leadership that was lost while it folded over a later one", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await submit(memory, "r1");
    const gate = Promise.withResolvers<void>();
    const { runs } = memory;
    const lowWater = runs.lowWater.bind(runs);
    runs.lowWater = async (partition) => {
      await gate.promise;
      return await lowWater(partition);
    };
    const first = a!.lead();
    await sleep(5);
    a!.shared.drop(PARTITION);
    runs.lowWater = lowWater;
    const { term } = await a!.lead();
    gate.resolve();
    await first;
    assert.equal(a!.table.get(PARTITION)?.fence.term, term);
    a!.shared.look(PARTITION);
    await a!.begun("x");
  });
});

Deno.test("SharedPartitions does not lead a partition half when the store fails", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    const { runs } = memory;
    const getBlob = runs.getBlob.bind(runs);
    runs.getBlob = () =>
      Promise.reject(new UnavailableError("STORE_UNAVAILABLE", { message: "Cannot read" }));
    await assert.rejects(b!.lead(), { code: "STORE_UNAVAILABLE" });
    assert.equal(b!.table.get(PARTITION), undefined);
    runs.getBlob = getBlob;
  });
});

Deno.test("SharedPartitions keeps wishes for a run that it cannot go on with", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    const { runs } = memory;
    const getBlob = runs.getBlob.bind(runs);
    runs.getBlob = () => Promise.reject(new Error("Cannot read"));
    await b!.lead();
    await memory.wish("r1", { type: "cancel" });
    b!.shared.look(PARTITION);
    await sleep(50);
    assert.equal((await runs.inbox(PARTITION)).length, 1);
    runs.getBlob = getBlob;
    await b!.shared.handOver(PARTITION);
    await a!.lead();
    await until(async () => (await typesOf(memory, "r1")).includes("RunCancelRequested"));
  });
});

Deno.test("SharedPartitions forgets a run that could not be retried", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    a!.answer("x");
    await until(() => a!.table.runs === 0);
    await memory.wish("r1", { type: "retry" });
    a!.shared.look(PARTITION);
    await until(async () => (await memory.runs.inbox(PARTITION)).length === 0);
    await until(() => a!.table.runs === 0);
  });
});

Deno.test("SharedPartitions deals with a wish once, also when an old look shows it again", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    await a!.begun("x");
    await memory.wish("r1", { type: "pause" });
    await memory.wish("r1", { type: "resume" });
    const { runs } = memory;
    const inbox = runs.inbox.bind(runs);
    const seen = await inbox(PARTITION);
    a!.shared.look(PARTITION);
    // The next look is asked for before the commit and answered behind it.
    const gate = Promise.withResolvers<void>();
    const letGo = holdAppends(memory);
    await sleep(5);
    runs.inbox = async (_, after) => {
      await gate.promise;
      return seen.filter(({ id }) => after === undefined || id > after);
    };
    a!.shared.look(PARTITION);
    await sleep(5);
    letGo();
    await until(async () => (await inbox(PARTITION)).length === 0);
    gate.resolve();
    await sleep(20);
    runs.inbox = inbox;
    const types = await typesOf(memory, "r1");
    assert.deepEqual(types.filter((type) => type === "RunPaused"), ["RunPaused"]);
  });
});

Deno.test("SharedPartitions hands a partition over while a run begins, and loses nothing", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    await a!.lead();
    for (let n = 0; n < 30; n++) await submit(memory, `r${n}`);
    a!.shared.look(PARTITION);
    await Promise.resolve();
    await a!.shared.handOver(PARTITION);
    await b!.lead();
    for (let n = 0; n < 30; n++) {
      await until(() =>
        [...a!.cells.values(), ...b!.cells.values()].some((one) => one.runId === `r${n}`)
      );
    }
    assert.deepEqual(a!.given, []);
  });
});

Deno.test("submit() begins a run without an inbox, and is durable when it says so", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    const packageHash = await memory.remember([{ id: "x" }]);
    const wish = { packageHash, input: {}, workDir: "/" };
    const letGo = holdAppends(memory);
    let isDone = false;
    const begun = a!.shared.submit(PARTITION, "r1", wish, true).finally(() => isDone = true);
    await sleep(30);
    assert.equal(isDone, false);
    letGo();
    assert.equal(await begun, true);
    assert.equal((await typesOf(memory, "r1"))[0], "RunSubmitted");
    await a!.begun("x");
    a!.answer("x");
    await until(async () => (await memory.runs.run("r1"))?.status === "completed");
  });
});

Deno.test("submit() begins a run once, whoever else submits it", async () => {
  await withNodes(["a/1"], async (memory, a) => {
    await a!.lead();
    const packageHash = await memory.remember([{ id: "x" }]);
    const wish = { packageHash, input: {}, workDir: "/" };
    const direct = a!.shared.submit(PARTITION, "r1", wish, false);
    const again = a!.shared.submit(PARTITION, "r1", wish, false);
    await submit(memory, "r1");
    a!.shared.look(PARTITION);
    assert.deepEqual(await Promise.all([direct, again]), [true, false]);
    await until(async () => (await memory.runs.inbox(PARTITION)).length === 0);
    const types = await typesOf(memory, "r1");
    assert.equal(types.filter((type) => type === "RunSubmitted").length, 1);
    assert.equal(await a!.shared.submit(PARTITION, "r1", wish, false), false);
  });
});

Deno.test("submit() leaves to the inbox what this node cannot make durable", async () => {
  await withNodes(["a/1", "b/1"], async (memory, a, b) => {
    const packageHash = await memory.remember([{ id: "x" }]);
    const wish = { packageHash, input: {}, workDir: "/" };
    assert.equal(await a!.shared.submit(PARTITION, "r1", wish, true), false);
    await a!.lead();
    await b!.lead();
    assert.equal(await a!.shared.submit(PARTITION, "r1", wish, true), false);
    assert.equal(await memory.runs.run("r1"), null);
  });
});
