/** A stream that is cut anywhere goes on with exactly the rest. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { UnauthenticatedError } from "../../core/errors.ts";
import type { RunUpdate } from "../../runtime/node/denizen_node.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { LiveFrame } from "../../runtime/live/mod.ts";
import { LiveWorld, takeUntil } from "./live_world.ts";

const RUN = "01RUN";
const OTHER = "01OTHER";

/** What the journal does next. */
type Step =
  | { type: "commit"; own: number; others: number }
  | { type: "compact" }
  | { type: "pause" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("commit" as const),
        own: fc.nat(4),
        others: fc.nat(2),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ type: "compact" as const }) },
    { weight: 2, arbitrary: fc.constant({ type: "pause" as const }) },
  ),
  { maxLength: 25 },
);

/** Does the steps; answers with the payloads of the run's events, in order. */
async function play(world: LiveWorld, steps: readonly Step[]): Promise<number[]> {
  const payloads: number[] = [];
  let hasOther = false;
  for (const step of steps) {
    if (step.type === "pause") await sleep(5);
    else if (step.type === "compact") await world.compact();
    else {
      const own: RunEvent[] = [];
      for (let at = 0; at < step.own; at++) {
        payloads.push(payloads.length);
        own.push(world.signal(payloads.length - 1));
      }
      const others = Array.from({ length: step.others }, () => world.signal(-1));
      if (!hasOther) others.unshift(world.submitted());
      hasOther = true;
      await world.commit(
        ...(own.length === 0 ? [] : [{ runId: RUN, events: own }]),
        ...(others.length === 0 ? [] : [{ runId: OTHER, events: others }]),
      );
    }
  }
  await world.commit({ runId: RUN, events: [world.completed()] });
  return payloads;
}

Deno.test("LiveHub.followRun() resumes with exactly the rest, wherever the stream was cut", () =>
  fc.assert(
    fc.asyncProperty(steps, fc.nat(60), fc.boolean(), async (steps, cut, isLive) => {
      await using world = await LiveWorld.open({
        logLimits: { entriesMax: 3, charsMax: 2_000 },
      });
      await world.commit({ runId: RUN, events: [world.submitted()] });
      const playing = play(world, steps);
      if (!isLive) await playing;
      const before = await takeUntil(
        await world.hub.followRun(RUN),
        () => --cut <= 0,
      );
      const after = before.findLast(({ id }) => id !== null)?.id;
      const isOver = before.at(-1)?.type === "end";
      const rest = isOver ? [] : await takeUntil(await world.hub.followRun(RUN, { after }));
      const frames = [...before, ...rest];
      const events = frames.filter(({ type }) => type === "event")
        .map(({ data }) => JSON.parse(data).event);
      assert.deepEqual(
        events.map(({ type, payload }) => type === "SignalReceived" ? payload : type),
        ["RunSubmitted", ...await playing, "RunCompleted"],
      );
      assert.equal(frames.at(-1)!.type, "end");
      const ids = frames.flatMap(({ id }) => id ?? []);
      assert.equal(new Set(ids).size, ids.length);
    }),
    { numRuns: 60 },
  ));

Deno.test("LiveHub.followRun() gives a slow listener everything, and keeps little for it", async () => {
  await using world = await LiveWorld.open({ logLimits: { entriesMax: 10, charsMax: 10_000 } });
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const stream = await world.hub.followRun(RUN);
  const frames = stream[Symbol.asyncIterator]();
  assert.equal(JSON.parse((await frames.next()).value!.data).event.type, "RunSubmitted");
  for (let at = 0; at < 500; at++) {
    await world.commit({ runId: RUN, events: [world.signal(at)] });
    if (at % 50 === 0) await sleep(25);
  }
  await world.commit({ runId: RUN, events: [world.completed()] });
  const seen: unknown[] = [];
  for await (const { type, data } of { [Symbol.asyncIterator]: () => frames }) {
    if (type === "event") seen.push(JSON.parse(data).event.payload);
  }
  assert.deepEqual(seen, [...Array.from({ length: 500 }, (_, at) => at), undefined]);
});

Deno.test("LiveHub.followRun() misses nothing that was moved into a history before it was read", async () => {
  await using world = await LiveWorld.open();
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const all = takeUntil(await world.hub.followRun(RUN));
  for (let round = 0; round < 5; round++) {
    await sleep(60);
    for (let at = 0; at < 3; at++) {
      await world.commit({ runId: RUN, events: [world.signal(3 * round + at)] });
    }
    await world.compact();
  }
  await world.commit({ runId: RUN, events: [world.completed()] });
  const payloads = (await all).filter(({ type }) => type === "event")
    .map(({ data }) => JSON.parse(data).event.payload);
  assert.deepEqual(payloads.slice(1, -1), Array.from({ length: 15 }, (_, at) => at));
});

Deno.test("LiveHub.followRun() tells of a retry to who follows again, and of both ends", async () => {
  await using world = await LiveWorld.open();
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const first = takeUntil(await world.hub.followRun(RUN));
  await world.commit({ runId: RUN, events: [world.failed()] });
  const after = (await first).findLast(({ id }) => id !== null)!.id;
  assert.deepEqual((await first).map(({ type }) => type), ["event", "event", "end"]);
  const again = await takeUntil(await world.hub.followRun(RUN, { after }));
  assert.deepEqual(again.map(({ type }) => type), ["end"]);
  await world.commit({ runId: RUN, events: [world.retried()] });
  const rest = takeUntil(await world.hub.followRun(RUN, { after }));
  const whole = takeUntil(await world.hub.followRun(RUN));
  await sleep(50);
  await world.commit({ runId: RUN, events: [world.completed()] });
  const types = (frames: Awaited<typeof rest>) =>
    frames.map(({ type, data }) => type === "event" ? JSON.parse(data).event.type : type);
  assert.deepEqual(types(await rest), ["RunRetried", "RunCompleted", "end"]);
  assert.deepEqual(types(await whole), [
    "RunSubmitted",
    "RunFailed",
    "RunRetried",
    "RunCompleted",
    "end",
  ]);
});

/** Words of agents are for those who listen by then, which takes its time: they are said again. */
async function tellUntilHeard<Heard>(
  world: LiveWorld,
  update: RunUpdate,
  heard: Promise<Heard>,
): Promise<Heard> {
  const again = setInterval(() => world.nodes[0]!.tell(update), 20);
  try {
    return await heard;
  } finally {
    clearInterval(again);
  }
}

Deno.test("LiveHub.followRun() sends progress and words of agents to who listens", async () => {
  await using world = await LiveWorld.open();
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const stream = await world.hub.followRun(RUN);
  const frames = stream[Symbol.asyncIterator]();
  await frames.next();
  const update = { runId: RUN, at: 5, type: "progress" as const, taskId: "t", fraction: 0.5 };
  const { value } = await tellUntilHeard(world, update, frames.next());
  assert.deepEqual([value!.type, value!.id, JSON.parse(value!.data)], ["progress", null, update]);
  stream.close();
  assert.equal((await frames.next()).done, true);
});

Deno.test("LiveHub.followRun() shows words of agents as they were cleaned", async () => {
  const clean = (update: RunUpdate) => ({ ...update, message: "[redacted]" });
  await using world = await LiveWorld.open({ clean });
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const stream = await world.hub.followRun(RUN);
  const frames = stream[Symbol.asyncIterator]();
  await frames.next();
  const word = { runId: RUN, at: 5, type: "log" as const, level: "info" as const };
  const { value } = await tellUntilHeard(world, { ...word, message: "hunter2" }, frames.next());
  assert.equal(JSON.parse(value!.data).message, "[redacted]");
  stream.close();
});

Deno.test("LiveHub.close() leaves nothing behind of a listener who takes nothing", async () => {
  await using world = await LiveWorld.open();
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const frames = (await world.hub.followRun(RUN))[Symbol.asyncIterator]();
  // It holds a frame while the hub closes: a timer that goes on would fail this test.
  await frames.next();
});

Deno.test("LiveHub.followRun() refuses who asks for what is not there", async () => {
  await using world = await LiveWorld.open();
  await assert.rejects(world.hub.followRun("01NONE"), { code: "RUN_NOT_FOUND" });
  await world.commit({ runId: RUN, events: [world.submitted()] });
  for (const after of ["1", "1.x", "-1.0", "", "1.0\n"]) {
    await assert.rejects(world.hub.followRun(RUN, { after }), { code: "EVENT_ID_INVALID" });
  }
});

Deno.test("LiveHub ends streams when it closes, and when a permit has ended", async () => {
  await using world = await LiveWorld.open({ checkMs: 20 });
  await world.commit({ runId: RUN, events: [world.submitted()] });
  let trouble: Error | null = null;
  let looks = 0;
  const permit = {
    key: "k",
    check: () => {
      if (trouble === null) return;
      looks++;
      throw trouble;
    },
  };
  let heard = 0;
  const count = () => ++heard < 0;
  const revoked = takeUntil(await world.hub.followRun(RUN, { permit }), count);
  const drained = takeUntil(await world.hub.followRun(RUN), count);
  // A store that is away takes nobody's right.
  trouble = new Error("the store is away");
  while (looks < 2) await sleep(5);
  await world.commit({ runId: RUN, events: [world.signal(1)] });
  while (heard < 4) await sleep(5);
  trouble = new UnauthenticatedError("CREDENTIALS_INVALID", { message: "Cannot accept it" });
  assert.deepEqual((await revoked).map(({ type }) => type), ["event", "event", "revoked"]);
  await world.hub.close();
  assert.deepEqual((await drained).map(({ type }) => type), ["event", "event", "drain"]);
});

Deno.test("500 listeners of one run get every event once, in frames that they share", async () => {
  await using world = await LiveWorld.open();
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const streams = Array.from({ length: 500 }, () => world.hub.followRun(RUN));
  let begun = 0;
  const note = ({ data }: LiveFrame) => data.includes("RunSubmitted") && ++begun < 0;
  const all = streams.map(async (stream) => await takeUntil(await stream, note));
  while (begun < streams.length) await sleep(5);
  for (let at = 0; at < 100; at++) await world.commit({ runId: RUN, events: [world.signal(at)] });
  await world.commit({ runId: RUN, events: [world.completed()] });
  const lists = await Promise.all(all);
  const expected = lists[0]!.map(({ data }) => data);
  assert.equal(expected.length, 103);
  for (const frames of lists) assert.deepEqual(frames.map(({ data }) => data), expected);
  // The last event came when all listened: there is one frame of it.
  assert.equal(new Set(lists.map((frames) => frames.at(-2))).size, 1);
});
