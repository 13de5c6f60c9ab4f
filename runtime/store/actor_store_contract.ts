/**
 * What every {@linkcode ActorStore} does, as tests by name; each is given an empty store of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ActorCommit,
  type ActorStore,
  type StateWrite,
  type SystemFence,
  UNIT_LIMITS,
} from "../../core/actor_ports.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { Holder } from "../../core/ports.ts";
import { openMemoryActorStore } from "./memory_actor_store.ts";

/** What the tests append. */
export type TestEvent = { n: number; text?: string };
export type TestStore = ActorStore<TestEvent>;

const SYSTEM = "file-index";
const holder = (nodeId: string): Holder => ({ nodeId, host: "h", pid: 1, processStart: "s" });
const claim = (store: TestStore, system = SYSTEM) => store.claimSystem(system, holder("a"), null);
const isFenced = (error: unknown) => error instanceof ConflictError && error.code === "FENCED";
const isTooLarge = (error: unknown) =>
  error instanceof InvalidInputError && error.code === "STORED_VALUE_TOO_LARGE";

function stateOf(address: string, version: number, value: unknown): StateWrite {
  return { address, version, state: JSON.stringify(value) };
}

/** Text that no compression makes shorter, another one for each seed. */
function noise(chars: number, seed: number): string {
  const bytes = new Uint8Array(Math.ceil(chars * 3 / 4));
  let x = seed * 2_654_435_761 + 1;
  for (let at = 0; at < bytes.length; at++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    bytes[at] = x;
  }
  return bytes.toBase64().slice(0, chars);
}

async function eventsOf(store: TestStore, from?: number): Promise<TestEvent[]> {
  const segments = await Array.fromAsync(store.readLog(SYSTEM, from));
  return segments.flatMap((segment) => segment.events);
}

/** The contract: every store passes it. */
export const ACTOR_STORE_CONTRACT: Record<string, (store: TestStore) => Promise<void>> = {
  "claimSystem() lets one of several processes win": async (store) => {
    const claims = ["a", "b", "c"].map((id) => store.claimSystem(SYSTEM, holder(id), null));
    const settled = await Promise.allSettled(claims);
    assert.equal(settled.filter((claim) => claim.status === "fulfilled").length, 1);
    const lost = settled.filter((claim) => claim.status === "rejected");
    for (const { reason } of lost) assert.equal(reason.code, "SYSTEM_TAKEN");
    const winner = (await store.systemHolder(SYSTEM))!;
    const fence = await store.claimSystem(SYSTEM, holder("z"), winner);
    assert.equal(fence.term, 2);
  },
  "releaseSystem() gives the system back, once": async (store) => {
    const first = await claim(store);
    await store.releaseSystem(first);
    assert.equal(await store.systemHolder(SYSTEM), null);
    await assert.rejects(store.commit(first, { units: [{ log: [{ n: 1 }] }] }), isFenced);
    await store.claimSystem(SYSTEM, holder("b"), null);
    await store.releaseSystem(first);
    assert.equal((await store.systemHolder(SYSTEM))?.nodeId, "b");
  },
  "systems() lists what was ever claimed": async (store) => {
    await store.wish("nobody-leads-it", {});
    await claim(store, "b");
    await store.releaseSystem(await claim(store, "a"));
    assert.deepEqual(await store.systems(), [
      { system: "a", term: 1, holder: null },
      { system: "b", term: 1, holder: holder("a") },
    ]);
  },
  "commit() is refused whole after another process claimed the system": async (store) => {
    const first = await claim(store);
    await store.commit(first, { units: [{ log: [{ n: 1 }], states: [stateOf("x", 1, 1)] }] });
    const second = await store.claimSystem(SYSTEM, holder("b"), holder("a"));
    const stale = {
      units: [{
        log: [{ n: 666, text: noise(200_000, 1) }],
        states: [stateOf("x", 2, noise(900_000, 2))],
        dead: [{ id: "1", letter: 1 }],
        history: [{ topic: "t", offset: 0, message: 1 }],
      }],
      tree: { stale: true },
      trimTo: 2,
    };
    await assert.rejects(store.commit(first, stale), isFenced);
    assert.deepEqual(await eventsOf(store), [{ n: 1 }]);
    assert.deepEqual(await store.states(SYSTEM, ["x"]), [{ version: 1, text: "1" }]);
    assert.deepEqual(await store.deadLetters(SYSTEM, { limit: 9 }), []);
    assert.deepEqual(await store.history(SYSTEM, "t", { last: 9 }), []);
    assert.equal(await store.tree(SYSTEM), null);
    assert.equal(await store.lowWater(SYSTEM), 1);
    await store.commit(second, { units: [{ log: [{ n: 2 }] }] });
    const segments = await Array.fromAsync(store.readLog(SYSTEM));
    assert.deepEqual(segments.map(({ segment, term }) => [segment, term]), [[1, 1], [2, 2]]);
  },
  "commit() keeps events in order over many calls, none waited for": async (store) => {
    const fence = await claim(store);
    const events = Array.from({ length: 900 }, (_, n) => ({ n, text: "ü".repeat(n % 50) }));
    const numbers = await Promise.all(
      Array.from({ length: 9 }, (_, at) => {
        const units = events.slice(at * 100, at * 100 + 100).map((event) => ({ log: [event] }));
        return store.commit(fence, { units });
      }),
    );
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await eventsOf(store), events);
    assert.deepEqual(await eventsOf(store, 9), events.slice(800));
    assert.equal(await store.commit(fence, { units: [] }), 10, "the next one");
  },
  "commit() takes what needs several atomic writes": async (store) => {
    const fence = await claim(store);
    const units = Array.from({ length: 2_500 }, (_, n) => ({
      log: [{ n, text: noise(400, n + 1) }],
      states: [stateOf(`actor://worker/${n}`, 1, { n })],
      dead: [{ id: `letter-${n}`, letter: { n } }],
      history: [{ topic: `topic-${n % 3}`, offset: Math.floor(n / 3), message: { n } }],
    }));
    await store.commit(fence, { units, tree: { children: 2_500 } });
    assert.deepEqual(await eventsOf(store), units.flatMap((unit) => unit.log));
    const states = await store.states(SYSTEM, units.map((unit) => unit.states[0]!.address));
    assert.deepEqual(states.map((state) => state!.text), units.map((_, n) => `{"n":${n}}`));
    assert.equal((await store.deadLetters(SYSTEM, { limit: 5_000 })).length, 2_500);
    const messages = await store.history(SYSTEM, "topic-1", { from: 0, limit: 5_000 });
    assert.deepEqual(messages.map(({ offset }) => offset), messages.map((_, at) => at));
    assert.equal(messages.length, 833);
    assert.deepEqual(await store.tree(SYSTEM), { children: 2_500 });
    assert.deepEqual(await store.topics(SYSTEM), ["topic-0", "topic-1", "topic-2"]);
    assert.deepEqual(await store.topics("another"), []);
  },
  "commit() lets the last state of an address stay": async (store) => {
    const fence = await claim(store);
    const units = Array.from({ length: 1_000 }, (_, n) => ({
      log: [{ n }],
      states: [stateOf("actor://counter/main", n + 1, { n, pad: "x".repeat(8_000) })],
    }));
    await store.commit(fence, { units });
    const [state] = await store.states(SYSTEM, ["actor://counter/main"]);
    assert.equal(state!.version, 1_000);
    assert.equal(JSON.parse(state!.text).n, 999);
    const gone = { address: "actor://counter/main", version: 1_001, state: null };
    await store.commit(fence, { units: [{ states: [gone] }] });
    assert.deepEqual(await store.states(SYSTEM, ["actor://counter/main"]), [null]);
  },
  "commit() takes values of every size, and replaces and drops them": async (store) => {
    const fence = await claim(store);
    const sizes = [1, 16_300, 16_500, 61_400, 61_500, 300_000, 3_000_000];
    for (const round of [1, 2]) {
      for (const [at, size] of sizes.entries()) {
        const text = noise(size, round * 10 + at);
        const unit = {
          log: [{ n: at, text }],
          states: [stateOf(`a${at}`, round, text), stateOf("same", round * 10 + at, text)],
          dead: [{ id: `d${at}`, letter: { text } }],
          history: [{ topic: "t", offset: (round - 1) * sizes.length + at, message: { text } }],
        };
        await store.commit(fence, { units: [unit], tree: { text } });
      }
    }
    const expected = sizes.map((size, at) => noise(size, 20 + at));
    const states = await store.states(SYSTEM, [...sizes.keys()].map((at) => `a${at}`));
    assert.deepEqual(states.map((state) => JSON.parse(state!.text)), expected);
    const [same] = await store.states(SYSTEM, ["same"]);
    assert.deepEqual([same!.version, JSON.parse(same!.text)], [26, expected.at(-1)]);
    assert.deepEqual((await eventsOf(store)).slice(-7).map(({ text }) => text), expected);
    const messages = await store.history(SYSTEM, "t", { last: 7 });
    assert.deepEqual(messages.map(({ message }) => message), expected.map((text) => ({ text })));
    assert.deepEqual((await store.deadLetter("d6"))?.letter, { text: expected.at(-1) });
    assert.deepEqual(await store.tree(SYSTEM), { text: expected.at(-1) });
    const deadGone = sizes.map((_, at) => `d${at}`);
    const states2 = sizes.map((_, at) => ({ address: `a${at}`, version: 3, state: null }));
    await store.commit(fence, { units: [{ deadGone, states: states2 }] });
    assert.deepEqual(await store.deadLetters(SYSTEM, { limit: 99 }), []);
    assert.deepEqual(await store.states(SYSTEM, ["a0", "a6"]), [null, null]);
  },
  "commit() takes a unit whose values are too much for one atomic write": async (store) => {
    const fence = await claim(store);
    const states = Array.from({ length: 60 }, (_, n) => stateOf(`a${n}`, 1, noise(50_000, n + 1)));
    await store.commit(fence, { units: [{ log: [{ n: 1, text: noise(700_000, 99) }], states }] });
    const found = await store.states(SYSTEM, states.map(({ address }) => address));
    assert.deepEqual(found.map((state) => state!.text), states.map(({ state }) => state));
  },
  "commit() refuses a unit that is over a limit, and writes nothing of the commit": async (
    store,
  ) => {
    const fence = await claim(store);
    const good = { log: [{ n: 1 }] };
    const names = (count: number, chars: number) =>
      Array.from({ length: count }, (_, n) => stateOf(String(n).padStart(chars, "x"), 1, n));
    const tooLong = "x".repeat(UNIT_LIMITS.valueBytesMax);
    const bad = [
      { states: [stateOf("a", 1, tooLong)] },
      { log: [{ n: 1, text: tooLong.slice(9) }, { n: 2, text: "123456789" }] },
      { dead: [{ id: "1", letter: tooLong }] },
      { history: [{ topic: "t", offset: 0, message: tooLong }] },
      { states: names(UNIT_LIMITS.namesMax + 1, 4) },
      { states: names(100, 200) },
      { states: [stateOf("ü".repeat(513), 1, 1)] },
    ];
    for (const unit of bad) {
      await assert.rejects(store.commit(fence, { units: [good, unit] }), isTooLarge);
    }
    await assert.rejects(store.commit(fence, { units: [good], tree: tooLong }), isTooLarge);
    await assert.rejects(store.wish(SYSTEM, tooLong), isTooLarge);
    await assert.rejects(store.claimSystem("x".repeat(65), holder("a"), null), isTooLarge);
    assert.deepEqual(await eventsOf(store), []);
    await store.commit(fence, { units: [{ states: names(UNIT_LIMITS.namesMax, 80) }] });
    await store.commit(fence, { units: [{ states: [stateOf("a", 1, tooLong.slice(2))] }] });
    assert.equal((await store.states(SYSTEM, ["a"]))[0]?.text.length, tooLong.length);
  },
  "trimTo drops the log below a segment, never above what is written": async (store) => {
    const fence = await claim(store);
    for (let n = 1; n <= 200; n++) {
      const text = n % 50 === 0 ? noise(100_000, n) : undefined;
      await store.commit(fence, { units: [{ log: [{ n, text }] }] });
    }
    assert.equal(await store.lowWater(SYSTEM), 1);
    await store.commit(fence, { units: [], trimTo: 150 });
    await store.commit(fence, { units: [], trimTo: 20 });
    assert.equal(await store.lowWater(SYSTEM), 150);
    assert.deepEqual((await eventsOf(store)).map(({ n }) => n).slice(0, 2), [150, 151]);
    assert.deepEqual((await eventsOf(store, 1)).length, 51);
    assert.equal(await store.commit(fence, { units: [], trimTo: 9_999 }), 201);
    assert.deepEqual(await eventsOf(store), []);
    const next = await store.claimSystem(SYSTEM, holder("b"), holder("a"));
    for (let turn = 0; turn < 5; turn++) await store.commit(next, { units: [] });
    const last = await store.claimSystem(SYSTEM, holder("c"), holder("b"));
    assert.equal(await store.commit(last, { units: [{ log: [{ n: 7 }] }] }), 201);
    assert.deepEqual(await eventsOf(store), [{ n: 7 }]);
  },
  "deadLetters() lists newest first, by pages, of one system or all": async (store) => {
    const fences: SystemFence[] = [await claim(store, "one"), await claim(store, "two")];
    for (let n = 0; n < 10; n++) {
      const dead = [{ id: `0${n}`, letter: { n } }];
      await store.commit(fences[n % 2]!, { units: [{ dead }] });
    }
    const ids = async (system: string | null, limit: number, cursor?: string) =>
      (await store.deadLetters(system, { limit, cursor })).map(({ id }) => id);
    assert.deepEqual(await ids(null, 4), ["09", "08", "07", "06"]);
    assert.deepEqual(await ids(null, 4, "06"), ["05", "04", "03", "02"]);
    assert.deepEqual(await ids(null, 4, "02"), ["01", "00"]);
    assert.deepEqual(await ids("two", 2), ["09", "07"]);
    assert.deepEqual(await ids("two", 9, "07"), ["05", "03", "01"]);
    assert.deepEqual(await store.deadLetter("04"), { system: "one", id: "04", letter: { n: 4 } });
    assert.equal(await store.deadLetter("99"), null);
    await store.commit(fences[0]!, { units: [{ deadGone: ["04"] }] });
    assert.equal(await store.deadLetter("04"), null);
  },
  "history() keeps what was not trimmed, last ones or from an offset": async (store) => {
    const fence = await claim(store);
    let offset = 0;
    for (let turn = 0; turn < 60; turn++) {
      const history = Array.from({ length: 1 + turn % 4 }, () => ({
        topic: "files.found",
        offset,
        message: { n: offset++ },
      }));
      await store.commit(fence, { units: history.map((entry) => ({ history: [entry] })) });
    }
    const offsets = async (which: { last: number } | { from: number; limit: number }) =>
      (await store.history(SYSTEM, "files.found", which)).map(({ offset }) => offset);
    const range = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, at) => from + at);
    assert.deepEqual(await offsets({ last: 5 }), range(145, 150));
    assert.deepEqual(await offsets({ last: 1_000 }), range(0, 150));
    assert.deepEqual(await offsets({ from: 7, limit: 90 }), range(7, 97));
    assert.deepEqual(await offsets({ from: 150, limit: 9 }), []);
    const historyTrim = [{ topic: "files.found", below: 98 }];
    await store.commit(fence, { units: [], historyTrim });
    assert.deepEqual(await offsets({ last: 1_000 }), range(98, 150));
    assert.deepEqual(await offsets({ from: 0, limit: 3 }), [98, 99, 100]);
    const bounds = () => store.historyBounds(SYSTEM, "files.found");
    assert.deepEqual(await bounds(), { from: 98, next: 150 });
    await store.commit(fence, { units: [], historyTrim: [{ topic: "files.found", below: 150 }] });
    assert.deepEqual(await offsets({ last: 9 }), []);
    assert.deepEqual(await bounds(), { from: 150, next: 150 });
    assert.deepEqual(await store.historyBounds(SYSTEM, "other"), { from: 0, next: 0 });
  },
  "wishes() keeps wishes in order until a unit has handled them": async (store) => {
    const fence = await claim(store);
    const ids: string[] = [];
    for (const n of [1, 2, 3]) ids.push(await store.wish(SYSTEM, { type: "replay", n }));
    await store.wish("other", { n: 4 });
    const wishes = await store.wishes(SYSTEM);
    assert.deepEqual(wishes, ids.map((id, at) => ({ id, wish: { type: "replay", n: at + 1 } })));
    await store.commit(fence, { units: [{ log: [{ n: 1 }], handledWishes: [ids[0]!, ids[2]!] }] });
    assert.deepEqual((await store.wishes(SYSTEM)).map(({ id }) => id), [ids[1]]);
    for (let n = 0; n < 120; n++) await store.wish(SYSTEM, n);
    assert.equal((await store.wishes(SYSTEM)).length, 100);
  },
};

const NAMES = ["a", "b", "c", "d"];
const TOPICS = ["t", "u"];

/** What one random unit does; sizes reach from short values to several parts. */
interface Wish {
  name: string;
  topic: string;
  size: number;
  isDrop: boolean;
  messages: number;
}

const WISH: fc.Arbitrary<Wish> = fc.record({
  name: fc.constantFrom(...NAMES),
  topic: fc.constantFrom(...TOPICS),
  size: fc.constantFrom(1, 100, 20_000, 70_000, 200_000),
  isDrop: fc.boolean(),
  messages: fc.integer({ min: 0, max: 3 }),
});

const COMMIT = fc.record({
  wishes: fc.array(WISH, { maxLength: 12 }),
  trimBehind: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
  keep: fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
  isReclaimed: fc.boolean(),
});

/** Makes commits of random wishes, with versions and offsets that rise as a leader makes them. */
class CommitMaker {
  #version = 0;
  readonly #offsets = new Map(TOPICS.map((topic) => [topic, 0]));

  make(
    { wishes, trimBehind, keep }: RandomCommit,
    next: number,
  ): ActorCommit<TestEvent> {
    const units = wishes.map(({ name, topic, size, isDrop, messages }) => {
      const version = ++this.#version;
      const text = noise(size, version);
      const state = isDrop ? null : JSON.stringify(text);
      return {
        log: [{ n: version, text: isDrop ? undefined : text }],
        states: [{ address: name, version, state }],
        dead: isDrop ? [] : [{ id: `letter-${name}`, letter: { text } }],
        deadGone: isDrop ? [`letter-${name}`] : [],
        history: Array.from({ length: messages }, () => ({
          topic,
          offset: this.#nextOffset(topic),
          message: { version },
        })),
      };
    });
    const historyTrim = keep === null ? [] : TOPICS.map((topic) => ({
      topic,
      below: Math.max(0, this.#offsets.get(topic)! - keep),
    }));
    const trimTo = trimBehind === null ? undefined : next - trimBehind;
    return { units, historyTrim, trimTo, tree: { version: this.#version } };
  }

  #nextOffset(topic: string): number {
    const offset = this.#offsets.get(topic)!;
    this.#offsets.set(topic, offset + 1);
    return offset;
  }
}

/** Everything that can be read. How events spread over segments is each store's own affair. */
async function readAll(store: TestStore): Promise<unknown> {
  return {
    states: await store.states(SYSTEM, NAMES),
    letters: await store.deadLetters(null, { limit: 99 }),
    tree: await store.tree(SYSTEM),
    topics: await Promise.all(TOPICS.map(async (topic) => [
      await store.historyBounds(SYSTEM, topic),
      await store.history(SYSTEM, topic, { last: 5 }),
      await store.history(SYSTEM, topic, { from: 2, limit: 9 }),
    ])),
  };
}

/** Makes any commits to a store and to the memory store, and compares what both read. */
export async function compareWithMemory(
  withStore: (test: (store: TestStore) => Promise<void>) => Promise<void>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      fc.array(COMMIT, { maxLength: 8 }),
      (commits) => withStore((store) => compareAfter(commits, store)),
    ),
    { numRuns },
  );
}

type RandomCommit = typeof COMMIT extends fc.Arbitrary<infer T> ? T : never;

async function compareAfter(commits: readonly RandomCommit[], store: TestStore): Promise<void> {
  const memory = openMemoryActorStore<TestEvent>();
  const maker = new CommitMaker();
  let fence = await claim(store);
  let memoryFence = await claim(memory);
  const written: TestEvent[] = [];
  for (const [at, wishes] of commits.entries()) {
    const next = await store.commit(fence, { units: [] });
    const commit = maker.make(wishes, next);
    await store.commit(fence, commit);
    await memory.commit(memoryFence, commit);
    written.push(...commit.units.flatMap((unit) => unit.log ?? []));
    if (!wishes.isReclaimed) continue;
    const [next2, last] = [holder(`n${at}`), await store.systemHolder(SYSTEM)];
    fence = await store.claimSystem(SYSTEM, next2, last);
    memoryFence = await memory.claimSystem(SYSTEM, next2, last);
  }
  assert.deepEqual(await readAll(store), await readAll(memory));
  const kept = JSON.parse(JSON.stringify(written));
  const events = await eventsOf(store);
  assert.deepEqual(events, kept.slice(kept.length - events.length));
}
