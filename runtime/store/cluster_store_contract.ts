/**
 * What every {@linkcode ClusterStore} does, as tests by name; each is given an empty one.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { BellTopic, ClusterStore, Doorbell, Member } from "../../core/cluster_ports.ts";

/** A node as it might describe itself. */
export function memberOf(nodeId: string, more: Partial<Member> = {}): Member {
  return {
    nodeId,
    boot: "first",
    holder: { nodeId, host: "h", pid: 1, processStart: "s" },
    beat: 1,
    status: "up",
    url: "http://127.0.0.1:7718",
    startedAt: 1_763_000_000_000,
    version: "1.0.0",
    partitions: [0, 3],
    runs: 7,
    electionTimeoutMs: 1_000,
    ...more,
  };
}

/** Names that a careless store takes apart, mixes up or cuts. */
const ODD_NAMES = [
  " ",
  "%",
  "a",
  "a/b",
  "a\nb",
  "a'b",
  'a"b\\',
  "a\tb",
  "ab",
  "{}",
  "é",
  "日本",
  "😀",
]
  .sort();

/** Tells topics as they come, and waits for one of them. */
export function listenTo(bell: Doorbell) {
  const heard: BellTopic[] = [];
  let news = Promise.withResolvers<void>();
  const stop = bell.listen((topic) => {
    heard.push(topic);
    news.resolve();
    news = Promise.withResolvers();
  });
  /** A hint may be lost: it is rung until all were heard. */
  const ringUntilHeard = async (topics: readonly BellTopic[], ringing: Doorbell = bell) => {
    const missing = () => topics.filter((topic) => !heard.includes(topic));
    const ring = () => ringing.ring(missing());
    const again = setInterval(ring, 50);
    for (ring(); missing().length > 0;) await news.promise;
    clearInterval(again);
  };
  return { heard, ringUntilHeard, stop };
}

/** The contract: every store of a cluster passes it. */
export const CLUSTER_STORE_CONTRACT: Record<string, (store: ClusterStore) => Promise<void>> = {
  "members() lists nodes by name, however odd": async (store) => {
    assert.deepEqual(await store.members(), []);
    for (const name of ODD_NAMES.toReversed()) await store.beat(memberOf(name));
    assert.deepEqual(await store.members(), ODD_NAMES.map((name) => memberOf(name)));
  },
  "beat() replaces all that stood there": async (store) => {
    await store.beat(memberOf("a"));
    await store.beat(memberOf("b"));
    const many = Array.from({ length: 500 }, (_, n) => n);
    const later = memberOf("a", { beat: 2, status: "draining", url: null, partitions: many });
    await store.beat(later);
    assert.deepEqual(await store.members(), [later, memberOf("b")]);
    const anew = memberOf("a", { boot: "second", partitions: [] });
    assert.equal(await store.beat(anew, ["zeroth", "first"]), true);
    assert.deepEqual(await store.members(), [anew, memberOf("b")]);
  },
  "beat() of a process that is gone does not hide its successor": async (store) => {
    assert.equal(await store.beat(memberOf("a")), true);
    const anew = memberOf("a", { boot: "second" });
    assert.equal(await store.beat(anew), false, "it does not know of the first");
    assert.equal(await store.beat(anew, ["first"]), true);
    assert.equal(await store.beat(memberOf("a", { beat: 2 })), false, "it came late");
    assert.equal(await store.beat({ ...anew, beat: 2 }), true);
    assert.deepEqual(await store.members(), [{ ...anew, beat: 2 }]);
    await store.leave("a", "second");
    assert.equal(await store.beat(memberOf("a")), true);
  },
  "beat() of many nodes at once loses none": async (store) => {
    const names = Array.from({ length: 20 }, (_, n) => `node-${String(n).padStart(2, "0")}`);
    for (const beat of [1, 2, 3]) {
      await Promise.all(names.map((name) => store.beat(memberOf(name, { beat }))));
    }
    const found = (await store.members()).map(({ nodeId, beat }) => [nodeId, beat]);
    assert.deepEqual(found, names.map((name) => [name, 3]));
  },
  "leave() strikes off that boot of that node, and its letters": async (store) => {
    for (const name of ["a", "a/b", "b"]) await store.beat(memberOf(name));
    await store.post("a", ["one", { text: "x".repeat(200_000) }]);
    await store.post("a/b", ["two"]);
    await store.leave("a", "other");
    assert.equal((await store.members()).length, 3);
    assert.equal((await store.letters("a")).length, 2);
    await store.leave("a", "first");
    await store.leave("nobody", "first");
    assert.deepEqual((await store.members()).map(({ nodeId }) => nodeId), ["a/b", "b"]);
    assert.deepEqual(await store.letters("a"), []);
    assert.equal((await store.letters("a/b")).length, 1);
    await store.beat(memberOf("a", { boot: "second" }));
    await store.leave("a", "first");
    assert.equal((await store.members()).length, 3);
  },
  "settings() are those of the first, for good": async (store) => {
    assert.equal(await store.knownSettings(), null);
    const answers = await Promise.all(
      [3, 5, 8, 13].map((partitions) => store.settings({ partitions })),
    );
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.ok([3, 5, 8, 13].includes(answers[0]!.partitions));
    assert.deepEqual(await store.settings({ partitions: 99 }), answers[0]);
    assert.deepEqual(await store.knownSettings(), answers[0]);
  },
  "letters() come in order and by pages, until they are discarded": async (store) => {
    const bodies = Array.from({ length: 250 }, (_, n) => ({ type: "adopt", n }));
    await store.post("a", bodies.slice(0, 1));
    await store.post("a", bodies.slice(1));
    await store.post("b", ["for another"]);
    const found = [];
    for (let page = await store.letters("a"); page.length > 0; page = await store.letters("a")) {
      assert.ok(page.length <= 200, "a page is of about 100");
      found.push(...page.map(({ body }) => body));
      await store.discard("b", page.map(({ id }) => id));
      await store.discard("a", page.map(({ id }) => id));
    }
    assert.deepEqual(found, bodies);
    assert.deepEqual((await store.letters("b")).map(({ body }) => body), ["for another"]);
  },
  "discard() takes any of them, once or twice": async (store) => {
    await store.post("a", [1, 2, 3]);
    const [, second] = await store.letters("a");
    await store.discard("a", []);
    await store.discard("a", [second!.id, "no such letter"]);
    await store.discard("a", [second!.id]);
    assert.deepEqual((await store.letters("a")).map(({ body }) => body), [1, 3]);
  },
  "post() takes letters of a megabyte and any text": async (store) => {
    const large = { runs: ["x".repeat(1_000_000), "ü".repeat(400_000), "日".repeat(300_000)] };
    const bodies = [null, "", 'a\u0000b"\\\n', [], large, { "": { "\u0000": true } }, 0.5];
    for (const name of ODD_NAMES) await store.post(name, [name]);
    await store.post("large", bodies);
    const found = await store.letters("large");
    assert.deepEqual(found.map(({ body }) => body), bodies);
    for (const name of ODD_NAMES) {
      assert.deepEqual((await store.letters(name)).map(({ body }) => body), [name]);
    }
    await store.discard("large", found.map(({ id }) => id));
    assert.deepEqual(await store.letters("large"), []);
  },
  "bell tells every listener, until it has stopped": async ({ bell }) => {
    if (bell === null) return;
    const [one, two] = [listenTo(bell), listenTo(bell)];
    const odd = ODD_NAMES.map((name): BellTopic => `node:${name}`);
    await Promise.all([one.ringUntilHeard(odd), two.ringUntilHeard(odd)]);
    one.stop();
    const before = one.heard.length;
    await two.ringUntilHeard(["terms"]);
    assert.equal(one.heard.length, before);
    // More than one notification can say.
    await two.ringUntilHeard(Array.from({ length: 2_000 }, (_, n) => `partition:${n}` as const));
    two.stop();
  },
};
