import assert from "node:assert/strict";
import { DenizenError, UnavailableError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import { encodeError } from "../link/wire_error.ts";
import { nobody, notLeader } from "./moving.ts";
import type { TellRow } from "./system_service.ts";
import { TellQueue } from "./tell_queue.ts";

const LOST = new UnavailableError("NODE_UNREACHABLE", {
  message: "lost",
  details: { wasSent: true },
});

/** Answers each batch as the script says; then takes everything. */
function open(...script: ((rows: TellRow[]) => Json[] | Error)[]) {
  const batches: TellRow[][] = [];
  const queue = new TellQueue({
    system: "test",
    send: (rows) => {
      batches.push(rows);
      const answer = script.shift()?.(rows) ?? rows.map(() => null);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    pause: () => Promise.resolve(),
  });
  const put = (n: number, options: TellRow["options"] = {}) =>
    queue.put({ to: "actor://a", type: "n", payload: n, options })
      .then(() => "taken", (error) => (error as DenizenError).code);
  const sent = () => batches.map((rows) => rows.map(({ payload }) => payload));
  return { queue, batches, put, sent };
}

Deno.test("TellQueue sends what one turn puts in one batch, and the next ones behind it", async () => {
  const { queue, put, sent } = open();
  const telling = [put(1), put(2), put(3)];
  await Promise.resolve();
  telling.push(put(4));
  assert.deepEqual(await Promise.all(telling), ["taken", "taken", "taken", "taken"]);
  assert.deepEqual(sent(), [[1, 2, 3], [4]]);
  await queue.passed();
});

Deno.test("TellQueue repeats everything that was certainly not begun, in order", async () => {
  const { put, sent } = open(() => notLeader("test"), () => nobody("test", "wait"));
  const telling = [put(1), put(2, { durable: true })];
  await Promise.resolve();
  telling.push(put(3));
  assert.deepEqual(await Promise.all(telling), ["taken", "taken", "taken"]);
  assert.deepEqual(sent(), [[1, 2], [1, 2, 3], [1, 2, 3]]);
});

Deno.test("TellQueue repeats what was perhaps taken only if it is durable, under one id", async () => {
  const { put, batches, sent } = open(() => LOST);
  const telling = [put(1), put(2, { durable: true }), put(3, { durable: true, id: "own" })];
  assert.deepEqual(await Promise.all(telling), ["UNAVAILABLE", "taken", "taken"]);
  assert.deepEqual(sent(), [[1, 2, 3], [2, 3]]);
  const ids = batches.map((rows) => rows.slice(-2).map(({ options }) => options.id));
  assert.deepEqual(ids[0], ids[1]);
  assert.deepEqual(ids[0]![1], "own");
  assert.match(ids[0]![0]!, /^[0-9a-f-]{36}$/);
});

Deno.test("TellQueue tells of each message by itself", async () => {
  const refusal = encodeError(new DenizenError("OVERLOADED", { message: "full" }));
  const stopped = encodeError(new DenizenError("SYSTEM_STOPPED", { message: "stopped" }));
  const { put, sent } = open(() => [null, refusal, stopped, stopped]);
  const telling = [put(1), put(2), put(3), put(4, { durable: true })];
  assert.deepEqual(await Promise.all(telling), ["taken", "OVERLOADED", "UNAVAILABLE", "taken"]);
  assert.deepEqual(sent(), [[1, 2, 3, 4], [4]]);
});

Deno.test("TellQueue gives up what waits when it stops, and takes nothing more", async () => {
  const { queue, put } = open(() => notLeader("test"));
  const telling = put(1, { durable: true });
  queue.stop();
  assert.equal(await telling, "UNAVAILABLE");
  assert.equal(await put(2), "UNAVAILABLE");
});
