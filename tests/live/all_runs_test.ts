/** What changes among all runs, at the node that leads them and at another one. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { LiveFrame, LiveHub, LiveStream, RunsUpdate } from "../../runtime/live/mod.ts";
import { LiveWorld } from "./live_world.ts";

/** Data of frames until they told of so many closed runs. */
async function untilClosed(
  stream: LiveStream,
  count: number,
  onReset = () => {},
): Promise<RunsUpdate[]> {
  const updates: RunsUpdate[] = [];
  let closed = 0;
  for await (const { type, data } of stream) {
    if (type === "reset") onReset();
    if (type !== "runs") continue;
    const update: RunsUpdate = JSON.parse(data);
    updates.push(update);
    closed += update.completed + update.failed + update.cancelled;
    if (closed >= count) break;
  }
  stream.close();
  return updates;
}

async function runOne(world: LiveWorld, runId: string, tenant?: string): Promise<void> {
  await world.commit({ runId, events: [world.submitted({ tenant })] });
  await world.commit({
    runId,
    events: [{ type: "TaskScheduled", at: 1, task: "t" }, {
      type: "AttemptStarted",
      at: 1,
      task: "t",
      attempt: 1,
      agent: "a",
    }],
  });
  await world.commit({
    runId,
    events: [{ type: "TaskCompleted", at: 2, task: "t", output: 1 }, world.completed()],
  });
}

const sum = (updates: readonly RunsUpdate[], name: "opened" | "completed" | "failed") =>
  updates.reduce((total, update) => total + update[name], 0);

Deno.test("LiveHub.followAll() tells of every opening and closing, wherever it happened", async () => {
  await using world = await LiveWorld.open({}, 2);
  const hasAsked = Promise.withResolvers<void>();
  const [here, elsewhere] = world.nodes.map(({ hub }) =>
    untilClosed(hub.followAll(), 50, hub === world.hub ? undefined : hasAsked.resolve)
  );
  // The other node has asked for changes before there are any: from there on it misses none.
  await hasAsked.promise;
  for (let at = 0; at < 50; at++) await runOne(world, `01RUN${at}`);
  for (const updates of [await here!, await elsewhere!]) {
    assert.equal(sum(updates, "opened"), 50);
    assert.equal(sum(updates, "completed"), 50);
    assert.ok(updates.length < 50, "changes are gathered");
    const last = updates.flatMap(({ runs }) => runs).find(({ runId }) => runId === "01RUN49");
    assert.deepEqual([last!.status, last!.tasks!.completed, last!.tasks!.running], [
      "completed",
      1,
      0,
    ]);
  }
});

Deno.test("LiveHub.followAll() says that it knows nothing of before it asked another node", async () => {
  await using world = await LiveWorld.open({}, 2);
  const stream = world.nodes[1]!.hub.followAll();
  const frames = stream[Symbol.asyncIterator]();
  const first = frames.next();
  assert.equal((await first).value!.type, "reset");
  await runOne(world, "01A");
  const { runs, opened }: RunsUpdate = JSON.parse((await frames.next()).value!.data);
  assert.deepEqual([opened, runs[0]!.runId], [1, "01A"]);
  stream.close();
});

Deno.test("LiveHub.followAll() tells nobody of what they may not see", async () => {
  await using world = await LiveWorld.open();
  const filter = {
    key: "acme",
    accepts: ({ tenant }: { tenant: string | null }) => tenant === "acme",
  };
  const seen = untilClosed(world.hub.followAll({ filter }), 1);
  const all = untilClosed(world.hub.followAll(), 2);
  await sleep(50);
  await runOne(world, "01A", "other");
  await sleep(300);
  await runOne(world, "01B", "acme");
  assert.deepEqual([sum(await seen, "opened"), sum(await seen, "completed")], [1, 1]);
  assert.ok((await seen).flatMap(({ runs }) => runs).every(({ runId }) => runId === "01B"));
  assert.equal(sum(await all, "completed"), 2);
});

Deno.test("LiveHub.followAll() resumes, and says so when it cannot", async () => {
  await using world = await LiveWorld.open();
  const first = world.hub.followAll()[Symbol.asyncIterator]();
  const next = first.next();
  await sleep(20);
  await runOne(world, "01A");
  // A run's changes come in one frame or in two, as the moment will have it.
  let frame = (await next).value! as LiveFrame;
  while ((JSON.parse(frame.data) as RunsUpdate).completed === 0) {
    frame = (await first.next()).value! as LiveFrame;
  }
  const { id } = frame;
  await runOne(world, "01B");
  await first.next();
  const resumed = await untilClosed(world.hub.followAll({ after: id }), 1);
  const seen = resumed.flatMap(({ runs }) => runs.map(({ runId }) => runId));
  assert.deepEqual([...new Set(seen)], ["01B"]);
  const lost = world.hub.followAll({ after: "elsewhere.3" });
  const { value } = await lost[Symbol.asyncIterator]().next();
  assert.equal(value!.type, "reset");
});

Deno.test("500 listeners to all runs share few frames", async () => {
  await using world = await LiveWorld.open();
  const all = Array.from({ length: 500 }, () => collect(world.hub, 200));
  await sleep(100);
  for (let at = 0; at < 200; at++) await runOne(world, `01RUN${String(at).padStart(3, "0")}`);
  const lists = await Promise.all(all);
  const frames = new Set(lists.flat());
  assert.ok(frames.size <= lists[0]!.length + 1, "a frame is made once");
  for (const list of lists) {
    const updates = list.map(({ data }): RunsUpdate => JSON.parse(data));
    assert.equal(sum(updates, "completed"), 200);
    assert.ok(updates.every(({ runs }) => runs.length <= 20));
  }
});

async function collect(hub: LiveHub, count: number): Promise<LiveFrame[]> {
  const frames: LiveFrame[] = [];
  const stream = hub.followAll();
  let closed = 0;
  for await (const frame of stream) {
    frames.push(frame);
    closed += (JSON.parse(frame.data) as RunsUpdate).completed;
    if (closed >= count) break;
  }
  stream.close();
  return frames;
}
