import assert from "node:assert/strict";
import { HandshakeTurns } from "./handshake_turns.ts";

Deno.test("take() lets another tenant begin while one holds up all that it may", async () => {
  const turns = new HandshakeTurns();
  const end = Promise.withResolvers<void>();
  const begun: string[] = [];
  const hang = (name: string) => () => {
    begun.push(name);
    return end.promise;
  };
  const held = ["one", "two", "three", "four", "five"]
    .map((name) => turns.take("hostile", hang(name)));
  await turns.take("acme", () => Promise.resolve(begun.push("acme")));
  assert.deepEqual(begun, ["one", "two", "acme"]);
  end.resolve();
  await Promise.all(held);
  assert.deepEqual(begun, ["one", "two", "acme", "three", "four", "five"]);
});

Deno.test("take() gives its turn on when the work fails", async () => {
  const turns = new HandshakeTurns();
  const fail = () => Promise.reject(new Error("broken"));
  const tries = Array.from({ length: 9 }, () => assert.rejects(turns.take(null, fail), /broken/));
  await Promise.all(tries);
  assert.equal(await turns.take(null, () => Promise.resolve(7)), 7);
});
