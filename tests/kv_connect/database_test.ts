/**
 * Our client of KV Connect beside Deno's own, on one server: what one writes, the other reads.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type KvConnectDatabase, openKvConnect } from "../../runtime/store/kv_connect/mod.ts";
import type { DenokvServer } from "./denokv_server.ts";
import { useDenokv, withServer } from "./use_denokv.ts";

const test = useDenokv();

interface Both {
  ours: KvConnectDatabase;
  theirs: Deno.Kv;
  server: DenokvServer;
}

function withBoth(work: (both: Both) => Promise<void>): () => Promise<void> {
  return () =>
    withServer(async (server) => {
      Deno.env.set("DENO_KV_ACCESS_TOKEN", server.token);
      const ours = await openKvConnect(server.url);
      const theirs = await Deno.openKv(server.url);
      try {
        await work({ ours, theirs, server });
      } finally {
        await ours.end();
        theirs.close();
      }
    });
}

const parts = fc.oneof(
  fc.string({ unit: fc.constantFrom("\0", "a", "b", "é", "😀"), maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
);
const keys = fc.array(parts, { minLength: 1, maxLength: 3 });
const values = fc.oneof(
  fc.jsonValue(),
  fc.uint8Array({ maxLength: 300 }),
  fc.record({ term: fc.nat(), bytes: fc.uint8Array({ maxLength: 300 }), at: fc.date() }, {
    noNullPrototype: true,
  }),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => new Deno.KvU64(n)),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.constantFrom(undefined, new Map([[1, new Set([1n])]])),
);

test(
  "KvConnectDatabase reads what Deno's client wrote, and is read by it",
  withBoth(async ({ ours, theirs }) => {
    await fc.assert(
      fc.asyncProperty(keys, values, async (key, value) => {
        for (const [writer, reader] of [[ours, theirs], [theirs, ours]] as const) {
          const { versionstamp } = await writer.set(key, value);
          assert.deepEqual(await reader.get(key), { key, value, versionstamp });
          assert.deepEqual(await writer.get(key), { key, value, versionstamp });
        }
      }),
      { numRuns: 60 },
    );
  }),
);

test(
  "KvConnectDatabase.list() lists what Deno's client lists",
  withBoth(async ({ ours, theirs }) => {
    const written = fc.sample(keys, { numRuns: 60, seed: 5 });
    for (const [at, key] of written.entries()) await ours.set(key, at);
    const seek = fc.oneof(fc.constantFrom(...written), keys);
    const selectors = fc.tuple(seek, seek, fc.nat(2)).map(([a, b, kind]) =>
      kind === 0 ? { prefix: a.slice(0, 1) } : { start: a, end: b }
    );
    const options = fc.record({
      limit: fc.integer({ min: 1, max: 40 }),
      reverse: fc.boolean(),
      batchSize: fc.integer({ min: 1, max: 20 }),
    });
    const listed = (kv: Deno.Kv, selector: Deno.KvListSelector, how: Deno.KvListOptions) =>
      Array.fromAsync(kv.list(selector, how));
    await fc.assert(
      fc.asyncProperty(selectors, options, async (selector, how) => {
        const expected = await listed(theirs, selector, how).catch(() => null);
        // Deno's client refuses a start behind the end.
        if (expected === null) return;
        assert.deepEqual(await listed(ours, selector, how), expected);
      }),
      { numRuns: 100 },
    );
    const whole = await listed(ours, { prefix: [] }, {});
    const first = ours.list({ prefix: [] }, { limit: 7 });
    await Array.fromAsync(first);
    const rest = await listed(ours, { prefix: [] }, { cursor: first.cursor });
    assert.deepEqual(rest, whole.slice(7));
  }),
);

test(
  "KvConnectDatabase.atomic() checks, counts, deletes and stamps as Deno's client does",
  withBoth(async ({ ours, theirs }) => {
    const entry = await ours.set(["a"], 1);
    const stale = ours.atomic().check({ key: ["a"], versionstamp: null }).set(["a"], 2);
    assert.deepEqual(await stale.commit(), { ok: false });
    const wrong = { key: ["a"], versionstamp: "00000000000000ffff00" };
    assert.deepEqual(await ours.atomic().check(wrong).delete(["a"]).commit(), { ok: false });
    const { versionstamp } = entry;
    const result = await ours.atomic().check({ key: ["a"], versionstamp }).delete(["a"])
      .set(["log", ours.commitVersionstamp()], "ours")
      .sum(["n"], 5n).sum(["n"], 2n).max(["x"], 9n).max(["x"], 3n).min(["m"], 4n).min(["m"], 8n)
      .mutate({ type: "set", key: ["kept"], value: 1 }, { type: "delete", key: ["gone"] })
      .commit();
    assert.ok(result.ok);
    const counts = await theirs.getMany<Deno.KvU64[]>([["n"], ["x"], ["m"]]);
    assert.deepEqual(counts.map(({ value }) => value?.value), [7n, 9n, 4n]);
    assert.equal((await theirs.get(["a"])).value, null);
    const [log] = await Array.fromAsync(theirs.list({ prefix: ["log"] }));
    assert.deepEqual(log, {
      key: ["log", result.versionstamp],
      value: "ours",
      versionstamp: result.versionstamp,
    });
    assert.throws(() => ours.enqueue(), TypeError);
  }),
);

test(
  "KvConnectDatabase refuses what is too large at once",
  withBoth(async ({ ours }) => {
    await assert.rejects(ours.set(["a"], new Uint8Array(70_000)), TypeError);
    // The server takes ten checks, and the lane of the write needs one of them.
    const checked = (count: number) => {
      const atomic = ours.atomic();
      for (let n = 0; n < count; n++) atomic.check({ key: [n], versionstamp: null });
      return atomic.set(["a"], 1).commit();
    };
    await assert.rejects(checked(10), /Too many checks/);
    await checked(9);
    assert.equal((await ours.get(["a"])).value, 1);
  }),
);

test(
  "KvConnectDatabase.watch() goes on after the server was killed",
  withBoth(async ({ ours, theirs, server }) => {
    await ours.set(["a"], 1);
    const reader = ours.watch([["a"], ["b"]]).getReader();
    const until = async (wanted: unknown[]) => {
      for (;;) {
        const found = (await reader.read()).value!.map(({ value }) => value);
        if (JSON.stringify(found) === JSON.stringify(wanted)) return;
      }
    };
    await until([1, null]);
    await theirs.set(["b"], "two");
    await until([1, "two"]);
    await server.kill();
    await server.restart();
    await ours.atomic().delete(["a"]).set(["b"], "three").commit();
    await until([null, "three"]);
    await reader.cancel();
  }),
);
