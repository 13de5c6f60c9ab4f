/**
 * What every {@linkcode DocumentStore} does, as tests by name; each is given an empty one.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { DocumentQuery, DocumentStore } from "../../core/document_ports.ts";
import { compareBytes, DOCUMENT_LIMITS } from "./document_text.ts";

/** Names that a careless store takes apart, mixes up, sorts wrongly or cuts. */
const ODD_KEYS = [
  " ",
  "%",
  "_",
  "a",
  "a%",
  "a/b",
  "a\nb",
  "a'b",
  'a"b\\',
  "ab",
  "a\u0001",
  "{}",
  "é",
  "日本",
  "\u{ff5e}",
  "\u{1f600}",
  "\u{1f600}b",
  "\u{10ffff}",
  "\u{10ffff}\u{10ffff}z",
];

const keysOf = async (store: DocumentStore, query: Partial<DocumentQuery> = {}) =>
  (await store.list("names", { limit: 1_000, ...query })).map(({ key }) => key);

const putNames = (store: DocumentStore, keys: readonly string[]) =>
  store.putAll("names", keys.map((key, at) => ({ key, value: at })));

/** The contract: every store passes it. */
export const DOCUMENT_STORE_CONTRACT: Record<string, (store: DocumentStore) => Promise<void>> = {
  "put() keeps any JSON, by collection and key": async (store) => {
    const value = { text: "ü\u{1f600}\u0000'\"\\", list: [1, null, true, { a: [] }], blobs: [] };
    assert.equal(await store.get("workflows", "a"), null);
    const version = await store.put("workflows", "a", value);
    await store.put("views", "a", "another");
    assert.deepEqual(await store.get("workflows", "a"), { key: "a", value, version });
    assert.equal((await store.get("views", "a"))!.value, "another");
    for (const one of [null, false, 0, "", []]) {
      await store.put("views", "a", one);
      assert.deepEqual((await store.get("views", "a"))!.value, one);
    }
  },
  "put() gives another version with each change": async (store) => {
    const versions = new Set<string | null>();
    for (let n = 0; n < 3; n++) versions.add(await store.put("keys", "k", "same"));
    await store.delete("keys", "k");
    versions.add(await store.put("keys", "k", "same"));
    await store.putAll("keys", [{ key: "k", value: "same" }]);
    versions.add((await store.get("keys", "k"))!.version);
    assert.equal(versions.size, 5);
    assert.ok(!versions.has(null));
  },
  "put() writes nothing when another version stands": async (store) => {
    for (const ifVersion of ["00000000000000000000", "x", "", "\0"]) {
      assert.equal(await store.put("keys", "k", 0, { ifVersion }), null);
      assert.equal(await store.delete("keys", "k", { ifVersion }), false);
    }
    assert.equal(await store.get("keys", "k"), null);
    const first = await store.put("keys", "k", 1, { ifVersion: null });
    assert.equal(await store.put("keys", "k", 2, { ifVersion: null }), null);
    const second = await store.put("keys", "k", 3, { ifVersion: first });
    assert.equal(await store.put("keys", "k", 4, { ifVersion: first }), null);
    assert.deepEqual(await store.get("keys", "k"), { key: "k", value: 3, version: second });
  },
  "put() lets one of several win": async (store) => {
    const make = [1, 2, 3, 4].map((n) => store.put("keys", "k", n, { ifVersion: null }));
    assert.equal((await Promise.all(make)).filter((version) => version !== null).length, 1);
    const { version } = (await store.get("keys", "k"))!;
    const change = [1, 2, 3, 4].map((n) => store.put("keys", "k", n, { ifVersion: version }));
    assert.equal((await Promise.all(change)).filter((version) => version !== null).length, 1);
  },
  "put() takes values and keys up to the limit, in bytes of UTF-8": async (store) => {
    const { valueBytesMax, keyBytesMax } = DOCUMENT_LIMITS;
    const key = "é".repeat(keyBytesMax / 2);
    // Two quotes; one character that makes two bytes of every other where UTF-16 is stored.
    const value = `日${"x".repeat(valueBytesMax - 5)}`;
    await store.put("keys", key, value);
    assert.equal((await store.get("keys", key))!.value, value);
    const tooLarge = { code: "STORED_VALUE_TOO_LARGE" };
    await assert.rejects(store.put("keys", key, `${value}x`), tooLarge);
    await assert.rejects(store.put("keys", `${key}x`, 1), tooLarge);
    const documents = [{ key: "a", value: 1 }, { key: "b", value: `${value}x` }];
    await assert.rejects(store.putAll("keys", documents), tooLarge);
    assert.equal(await store.get("keys", "a"), null);
  },
  "put() refuses keys that are no text": async (store) => {
    for (const key of ["", "a\0b", "\ud800"]) {
      await assert.rejects(store.put("keys", key, 1), { code: "DOCUMENT_KEY_WRONG" });
      assert.equal(await store.get("keys", key), null);
      assert.equal(await store.delete("keys", key), false);
    }
  },
  "putAll() writes many, the last of each key": async (store) => {
    const value = "x".repeat(50_000);
    const many = Array.from({ length: 60 }, (_, n) => ({ key: `large-${n}`, value }));
    const small = Array.from({ length: 400 }, (_, n) => ({ key: `small-${n}`, value: n }));
    await store.put("names", "small-7", "before");
    await store.putAll("names", [...many, { key: "small-7", value: -1 }, ...small]);
    await store.putAll("names", []);
    assert.equal((await keysOf(store)).length, 460);
    assert.equal((await store.get("names", "small-7"))!.value, 7);
    assert.equal((await store.get("names", "large-59"))!.value, value);
  },
  "delete() says whether it was there, in that version": async (store) => {
    assert.equal(await store.delete("keys", "k"), false);
    const first = (await store.put("keys", "k", 1))!;
    const second = (await store.put("keys", "k", 2))!;
    assert.equal(await store.delete("keys", "k", { ifVersion: first }), false);
    assert.equal((await store.get("keys", "k"))!.version, second);
    assert.equal(await store.delete("keys", "k", { ifVersion: second }), true);
    assert.equal(await store.delete("keys", "k", { ifVersion: second }), false);
    await store.put("keys", "k", 3);
    const taken = await Promise.all([1, 2, 3].map(() => store.delete("keys", "k")));
    assert.equal(taken.filter((wasThere) => wasThere).length, 1);
    assert.equal(await store.get("keys", "k"), null);
  },
  "deleteAll() deletes what begins with the prefix, and nothing else": async (store) => {
    await putNames(store, [...ODD_KEYS, ...Array.from({ length: 250 }, (_, n) => `ab/${n}`)]);
    await store.put("other", "ab/1", 1);
    await store.deleteAll("names", "ab/");
    assert.deepEqual(await keysOf(store), ODD_KEYS.toSorted(compareBytes));
    for (const prefix of ["a%", "_", "\u{10ffff}", "\u{1f600}"]) {
      await store.deleteAll("names", prefix);
    }
    const left = ODD_KEYS.filter((key) => !/^(a%|_|\u{10ffff}|\u{1f600})/u.test(key));
    assert.deepEqual(await keysOf(store), left.toSorted(compareBytes));
    assert.equal((await store.get("other", "ab/1"))!.value, 1);
  },
  "list() is in the order of bytes, either way, page by page": async (store) => {
    await putNames(store, ODD_KEYS);
    await store.put("other", "a", 1);
    const sorted = ODD_KEYS.toSorted(compareBytes);
    assert.deepEqual(await keysOf(store), sorted);
    assert.deepEqual(await keysOf(store, { isReversed: true }), sorted.toReversed());
    for (const isReversed of [false, true]) {
      const found: string[] = [];
      for (;;) {
        const page = await keysOf(store, { limit: 4, after: found.at(-1), isReversed });
        if (page.length === 0) break;
        found.push(...page);
      }
      assert.deepEqual(found, isReversed ? sorted.toReversed() : sorted);
    }
    const [first] = await store.list("names", { limit: 1, after: "日" });
    assert.deepEqual(first, await store.get("names", "日本"));
  },
  "list() narrows to a prefix, also with a place behind which to go on": async (store) => {
    await putNames(store, ODD_KEYS);
    for (const prefix of ["a", "a%", "\u{1f600}", "\u{10ffff}", "nothing", ""]) {
      for (const after of [undefined, "", " ", "a", "a/b", "b", "\u{10ffff}", "\u{10ffff}b"]) {
        const within = ODD_KEYS.filter((key) => key.startsWith(prefix)).toSorted(compareBytes);
        const behind = within.filter((key) => after === undefined || compareBytes(key, after) > 0);
        assert.deepEqual(await keysOf(store, { prefix, after }), behind, `${prefix} ${after}`);
        const before = within.filter((key) => after === undefined || compareBytes(key, after) < 0);
        const reversed = await keysOf(store, { prefix, after, isReversed: true });
        assert.deepEqual(reversed, before.toReversed(), `${prefix} ${after} reversed`);
      }
    }
  },
};
