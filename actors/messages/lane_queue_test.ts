import assert from "node:assert/strict";
import fc from "fast-check";
import { LaneQueue } from "./lane_queue.ts";

Deno.test("LaneQueue behaves like an array in every sequence of steps", () => {
  const step = fc.constantFrom("push", "push", "unshift", "shift", "burst");
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
    const queue = new LaneQueue<number>();
    const array: number[] = [];
    for (const [at, name] of steps.entries()) {
      if (name === "push") queue.push(array[array.push(at) - 1]!);
      else if (name === "unshift") queue.unshift(at), array.unshift(at);
      else if (name === "shift") assert.equal(queue.shift(), array.shift());
      else for (let extra = 0; extra < 20; extra++) queue.push(extra), array.push(extra);
      assert.equal(queue.peek(), array[0]);
    }
    assert.equal(queue.size, array.length);
    assert.deepEqual(queue.toArray(), array);
  }));
});

Deno.test("LaneQueue gives memory back after a burst", () => {
  const queue = new LaneQueue<number>();
  for (let at = 0; at < 100_000; at++) queue.push(at);
  assert.ok(queue.capacity >= 100_000);
  for (let at = 0; at < 100_000; at++) assert.equal(queue.shift(), at);
  assert.ok(queue.capacity <= 16, `${queue.capacity} slots`);
});

Deno.test("LaneQueue allocates nothing before it is used", () => {
  assert.equal(new LaneQueue<number>().capacity, 0);
});
