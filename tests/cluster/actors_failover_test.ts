/** Actor systems whose node dies or is stopped: real processes. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "../../core/json.ts";
import { type Answer, NodeProcess } from "./actors/node_process.ts";
import { writeSystem } from "./actors/system_node.ts";

const LIST = "actor://list/one";

async function withPair(
  body: (leader: NodeProcess, other: NodeProcess) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-failover-" });
  const nodes: NodeProcess[] = [];
  try {
    const file = await writeSystem(folder);
    for (const name of ["a", "b"]) nodes.push(await NodeProcess.start(folder, name, file));
    const led = await Promise.all(nodes.map((node) => node.ask("led")));
    const at = led.findIndex((names) => (names as string[]).length === 1);
    await body(nodes[at]!, nodes[1 - at]!);
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    await Deno.remove(folder, { recursive: true });
  }
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endsAt = performance.now() + 60_000;
  while (!await isSo()) {
    if (performance.now() > endsAt) throw new Error(`Waited in vain for ${what}`);
    await sleep(20);
  }
}

const ledBy = async (node: NodeProcess) => (await node.ask("led") as string[]).length === 1;
const isValue = (answer: Answer): answer is { value: Json } => "value" in answer;

/** Sends items in order, some at a time, until it is told to stop. */
function sendOn(node: NodeProcess, sender: string) {
  const taken: number[] = [];
  let isOver = false;
  const done = (async () => {
    for (let next = 0; !isOver; next += 10) {
      const items = Array.from({ length: 10 }, (_, at) => next + at);
      const answers = await Promise.all(
        items.map((item) => node.call("tell", LIST, "add", [sender, item])),
      );
      for (const [at, answer] of answers.entries()) if (isValue(answer)) taken.push(next + at);
      if (answers.some((answer) => !isValue(answer))) return;
    }
  })();
  return {
    taken,
    stop: () => {
      isOver = true;
      return done;
    },
  };
}

Deno.test({
  name: "kill -9 of the node that leads a system loses no durable message, and repeats none",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withPair(async (leader, other) => {
      const here = sendOn(leader, "leader");
      const there = sendOn(other, "other");
      await until(() => here.taken.length > 200 && there.taken.length > 200, "the first messages");
      await leader.kill();
      await here.stop();
      const before = there.taken.length;
      await until(() => there.taken.length > before + 100, "messages behind the kill");
      assert.ok(await ledBy(other));
      await there.stop();
      const total = there.taken.length;
      const read = async (sender: string) => {
        const items = await other.ask("ask", LIST, "read", null) as [string, number][];
        return items.filter(([name]) => name === sender).map(([, item]) => item);
      };
      await until(async () => (await read("other")).length >= total, "what was taken");
      assert.deepEqual(await read("other"), Array.from({ length: total }, (_, at) => at));
      // Of the last ones nobody heard whether they were taken.
      const left = await read("leader");
      assert.deepEqual(left, Array.from({ length: left.length }, (_, at) => at));
      assert.ok(left.length >= here.taken.length, `${left.length} of ${here.taken.length}`);
    });
  },
});

Deno.test({
  name: "a leader that was stopped and wakes up answers nothing that is no longer so",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withPair(async (leader, other) => {
      const answers: Promise<Answer>[] = [];
      for (let at = 0; at < 20; at++) answers.push(leader.call("ask", LIST, "add", ["old", at]));
      await Promise.all(answers);
      assert.deepEqual(await leader.ask("ask", LIST, "count", null), 20);
      leader.signal("SIGSTOP");
      // They lie in its pipe when it wakes up, before anything else can reach it.
      const late = [
        leader.call("ask", LIST, "count", null),
        leader.call("ask", LIST, "add", ["late", 0]),
        leader.call("ask", LIST, "count", null),
      ];
      await until(() => ledBy(other), "the other node to lead");
      for (let at = 0; at < 20; at++) await other.ask("ask", LIST, "add", ["new", at]);
      leader.signal("SIGCONT");
      const [count, added, after] = await Promise.all(late);
      // What it answers is what the new leader says, or that it does not know.
      for (const [answer, least] of [[count, 40], [added, 41], [after, 40]] as const) {
        if (isValue(answer!)) assert.ok(Number(answer.value) >= least, JSON.stringify(answer));
        else assert.equal(answer!.code, "UNAVAILABLE");
      }
      await until(async () => !await ledBy(leader), "the old leader to step down");
      const items = await leader.ask("ask", LIST, "read", null) as [string, number][];
      const newest = items.filter(([name]) => name === "new").map(([, item]) => item);
      assert.deepEqual(newest, Array.from({ length: 20 }, (_, at) => at));
      const isAdded = items.some(([name]) => name === "late");
      assert.equal(items.length, isAdded ? 41 : 40);
      if (isValue(added!)) assert.ok(isAdded, "an answer was given for what is not there");
    });
  },
});
