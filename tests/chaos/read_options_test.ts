import assert from "node:assert/strict";
import { readOptions } from "./read_options.ts";

const namesOf = (...args: string[]) => readOptions(args).faults.map(({ name }) => name);

Deno.test("readOptions() takes 500 runs a minute for each node, and every fault", () => {
  const options = readOptions([]);
  assert.equal(options.runs, 1_500);
  assert.deepEqual(options.stores, ["kv"]);
  assert.ok(options.faults.length > 6);
  assert.equal(readOptions(["--seconds", "10"]).runs, 250);
  assert.equal(readOptions(["--seconds", "10", "--runs", "7"]).runs, 7);
});

Deno.test("readOptions() reads lists of stores and faults", () => {
  assert.deepEqual(readOptions(["--store", "all"]).stores, ["kv", "postgres", "denokv"]);
  assert.deepEqual(readOptions(["--store", "denokv,kv"]).stores, ["denokv", "kv"]);
  assert.deepEqual(namesOf("--fault", "stop,kill"), ["stop", "kill"]);
});

Deno.test("readOptions() takes without fences only what must break promises then", () => {
  assert.deepEqual(namesOf("--unsafe"), ["stop"]);
  assert.deepEqual(namesOf("--unsafe", "--fault", "kill"), ["kill"]);
});

Deno.test("readOptions() refuses what it does not know", () => {
  for (const args of [["--store", "x"], ["--fault", "x"], ["--seconds", "x"], ["--x"]]) {
    assert.throws(() => readOptions(args));
  }
});
