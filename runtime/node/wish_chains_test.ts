import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { WishChains } from "./wish_chains.ts";

Deno.test("WishChains deals with the wishes of one run in order, however long each takes", async () => {
  const chains = new WishChains();
  const seen: string[] = [];
  const gate = Promise.withResolvers<boolean>();
  chains.add("r", "1", () => gate.promise.finally(() => seen.push("1")));
  chains.add("r", "2", () => Promise.resolve(seen.push("2") > 0));
  chains.add("other", "3", () => Promise.resolve(seen.push("3") > 0));
  await turn();
  assert.deepEqual(seen, ["3"]);
  assert.deepEqual(["1", "2", "3"].map((id) => chains.has(id)), [true, true, false]);
  gate.resolve(true);
  await turn();
  assert.deepEqual(seen, ["3", "1", "2"]);
  assert.equal(chains.isBusy("r"), false);
});

Deno.test("WishChains drops what waits behind a wish that could not be dealt with", async () => {
  const chains = new WishChains();
  const seen: string[] = [];
  chains.add("r", "1", () => Promise.resolve(false));
  chains.add("r", "2", () => Promise.resolve(seen.push("2") > 0));
  await turn();
  assert.equal(seen.length, 0);
  assert.equal(chains.has("2"), false);
  chains.add("r", "2", () => Promise.resolve(seen.push("2 again") > 0));
  await turn();
  assert.deepEqual(seen, ["2 again"]);
});

Deno.test("WishChains lets wishes wait for what is under way, also when that fails", async () => {
  const chains = new WishChains();
  const work = Promise.withResolvers<void>();
  chains.hold("r", work.promise);
  assert.equal(chains.isBusy("r"), true);
  const seen: string[] = [];
  chains.add("r", "1", () => Promise.resolve(seen.push("1") > 0));
  await turn();
  assert.deepEqual(seen, []);
  work.reject(new Error("no store"));
  await turn();
  assert.deepEqual(seen, ["1"]);
});
