import assert from "node:assert/strict";
import { type Stage, Stages } from "./stages.ts";

function staged(fails: { start?: string; stop?: string } = {}) {
  const done: string[] = [];
  const stage = (name: string): Stage => {
    const act = (word: "start" | "stop") => {
      done.push(`${word} ${name}`);
      return fails[word] === name
        ? Promise.reject(new Error(`${word} ${name}`))
        : Promise.resolve();
    };
    return { name, start: () => act("start"), stop: () => act("stop") };
  };
  return { done, stages: new Stages(["a", "b", "c"].map(stage)) };
}

Deno.test("Stages starts in order and stops in the opposite order", async () => {
  const { done, stages } = staged();
  await stages.start();
  await stages.stop();
  await stages.stop();
  const expected = ["start a", "start b", "start c", "stop c", "stop b", "stop a"];
  assert.deepEqual(done, expected);
});

Deno.test("Stages stops what came before a stage that cannot start", async () => {
  const { done, stages } = staged({ start: "c" });
  await assert.rejects(stages.start(), /start c/);
  assert.deepEqual(done, ["start a", "start b", "start c", "stop b", "stop a"]);
});

Deno.test("Stages stops the others when one cannot stop", async () => {
  const { done, stages } = staged({ stop: "b" });
  await stages.start();
  await assert.rejects(stages.stop(), /stop b/);
  assert.deepEqual(done.slice(3), ["stop c", "stop b", "stop a"]);
});

Deno.test("Stages.stop() stops each stage once, also when asked twice at once", async () => {
  const stopped: string[] = [];
  const stage = (name: string) => ({
    name,
    stop: async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      stopped.push(name);
    },
  });
  const stages = new Stages(["a", "b", "c", "d"].map(stage));
  await stages.start();
  await Promise.all([stages.stop(), stages.stop()]);
  assert.deepEqual(stopped, ["d", "c", "b", "a"]);
});
