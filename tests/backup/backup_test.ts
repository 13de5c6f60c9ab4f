/**
 * Backups of a KV file with something of every kind in it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { backUp, restore, verifyBackup } from "../../runtime/backup/mod.ts";
import { BACKUP_KINDS } from "../../runtime/backup/backup_record.ts";
import { TERM_RAISE } from "../../runtime/backup/restore.ts";
import { isGone } from "../../runtime/node/process_identity.ts";
import { openStores } from "../../runtime/node/open_store.ts";
import { filled, recordsOf, withFolder } from "./content.ts";
import { checkOneInstant } from "./one_instant.ts";

const codeOf = (code: string) => (error: { code?: string }) => {
  assert.equal(error.code, code, String(error));
  return true;
};

Deno.test("backUp() and restore() carry every kind of record over", () =>
  withFolder(async (folder) => {
    const source = await filled({ dataDir: join(folder, "a") });
    const made = await backUp(source, join(folder, "1"));
    assert.deepEqual(Object.keys(made.counts), BACKUP_KINDS, "the test leaves none out");
    const target = { dataDir: join(folder, "b") };
    await restore(join(folder, "1"), target);
    await backUp(target, join(folder, "2"));
    assert.deepEqual(await recordsOf(join(folder, "2")), await recordsOf(join(folder, "1"), 1));
  }));

Deno.test("restore() leaves a store that nobody leads, and that is gone on with", () =>
  withFolder(async (folder) => {
    const source = await filled({ dataDir: join(folder, "a") });
    await backUp(source, join(folder, "1"));
    const target = { dataDir: join(folder, "b") };
    await restore(join(folder, "1"), target);
    const stores = await openStores(target);
    const holder = { nodeId: "new", host: "h", pid: 1, processStart: "s" };
    try {
      for (const { partition, term, holder: former, heir } of await stores.runs.terms()) {
        assert.deepEqual([term, heir], [TERM_RAISE + 1, null]);
        assert.ok(partition < 1_000 ? former === null : isGone(former!), "nobody leads it");
        const fence = await stores.runs.claim(partition, holder, term);
        const runs = [{ runId: "01Z", events: [] }];
        assert.equal(await stores.runs.append(fence, { records: runs }), 31);
        const wishes = await stores.runs.inbox(partition);
        assert.deepEqual(wishes.map(({ type }) => type), ["submit", "cancel"]);
        assert.equal((wishes[0]!.body.text as string).length, 50_000);
      }
      const free = { runId: "01OTHER", holder };
      const reserve = (key: string) => stores.runs.reserve(key, free, () => false);
      assert.equal((await reserve("key-wished")).runId, "01WISHED");
      assert.equal((await reserve("key-abandoned")).runId, "01OTHER");
      const fence = await stores.actors.claimSystem("shop", holder, null);
      assert.equal(fence.term, TERM_RAISE + 2);
      const topic = "files.added";
      const next = await stores.actors.historyBounds("shop", topic);
      assert.deepEqual(next, { from: 10, next: 30 });
      const unit = { history: [{ topic, offset: next.next, message: "new" }] };
      await stores.actors.commit(fence, { units: [unit], historyTrim: [{ topic, below: 20 }] });
      assert.deepEqual(await stores.actors.historyBounds("shop", topic), { from: 20, next: 31 });
      const letters = await stores.actors.deadLetters("shop", { limit: 100 });
      assert.equal(letters.length, 5);
      const [state] = await stores.actors.states("shop", ["actor://a/2"]);
      assert.equal(JSON.parse(state!.text).n, 20);
    } finally {
      await stores.close();
    }
  }));

Deno.test("restore() takes a backup of format 1, in which runs have no tenant", () =>
  withFolder(async (folder) => {
    const file = new URL("format_1.backup", import.meta.url).pathname;
    const target = { dataDir: join(folder, "a") };
    assert.equal((await restore(file, target)).counts.run, 2);
    const stores = await openStores(target);
    try {
      const [last, first] = await stores.runs.runs({ limit: 9 });
      assert.deepEqual([first!.runId, first!.packageHash], ["01A", "f".repeat(64)]);
      assert.deepEqual(Object.keys(last!).filter((key) => /^(tenant|tags)$/.test(key)), []);
      assert.deepEqual(await stores.documents.list("workflows", { limit: 9 }), []);
    } finally {
      await stores.close();
    }
    await backUp(target, join(folder, "2"));
    assert.deepEqual(await recordsOf(join(folder, "2")), await recordsOf(file, 1));
  }));

Deno.test("restore() refuses a place where something is, and leaves it alone", () =>
  withFolder(async (folder) => {
    const place = await filled({ dataDir: join(folder, "a") });
    const { sha256 } = await backUp(place, join(folder, "1"));
    await assert.rejects(restore(join(folder, "1"), place), codeOf("RESTORE_NOT_EMPTY"));
    await backUp(place, join(folder, "2"), { now: () => 0 });
    assert.deepEqual(await recordsOf(join(folder, "2")), await recordsOf(join(folder, "1")));
    await assert.rejects(backUp(place, join(folder, "1")), codeOf("FILE_EXISTS"));
    assert.equal((await verifyBackup(join(folder, "1"))).sha256, sha256);
    await backUp(place, join(folder, "1"), { isForced: true, now: () => 1 });
    assert.equal((await verifyBackup(join(folder, "1"))).madeAt, 1);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["1", "2", "a"], "nothing else is left");
  }));

Deno.test("verifyBackup() finds a flipped bit, and a cut, wherever it is", () =>
  withFolder(async (folder) => {
    const place = { dataDir: join(folder, "a") };
    const stores = await openStores(place);
    await stores.cluster.settings({ partitions: 8 });
    await stores.runs.putBlob(new Uint8Array(50));
    await stores.close();
    await backUp(place, join(folder, "1"));
    const whole = await Deno.readFile(join(folder, "1"));
    const file = join(folder, "broken");
    const refused = async (bytes: Uint8Array) => {
      await Deno.writeFile(file, bytes);
      const expected = /BACKUP_(CORRUPT|UNREADABLE)/;
      await assert.rejects(verifyBackup(file), ({ code }) => expected.test(code));
      await assert.rejects(
        restore(file, { dataDir: join(folder, "b") }),
        ({ code }) => expected.test(code),
      );
    };
    for (let at = 0; at < whole.length; at++) {
      const bytes = whole.slice();
      bytes[at]! ^= 1 << (at % 8);
      await refused(bytes);
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), (length) => refused(whole.slice(0, length))),
      { numRuns: 50 },
    );
    await refused(new Uint8Array([...whole, 0]));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "1",
      "a",
      "broken",
    ]);
  }));

Deno.test("backUp() refuses a store with something that this version does not know", () =>
  withFolder(async (folder) => {
    const place = await filled({ dataDir: join(folder, "a") });
    const kv = await Deno.openKv(join(folder, "a/denizen.kv"));
    await kv.set(["from the future", 1], 1);
    kv.close();
    await assert.rejects(backUp(place, join(folder, "1")), codeOf("STORE_VERSION_WRONG"));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));

Deno.test("backUp() refuses a damaged store", () =>
  withFolder(async (folder) => {
    const place = await filled({ dataDir: join(folder, "a") });
    const kv = await Deno.openKv(join(folder, "a/denizen.kv"));
    const [entry] = await Array.fromAsync(kv.list<{ crc: number }>({ prefix: ["state"] }));
    await kv.set(entry!.key, { ...entry!.value, crc: entry!.value.crc ^ 1 });
    kv.close();
    await assert.rejects(backUp(place, join(folder, "1")), codeOf("VALUE_CORRUPT"));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));

Deno.test("backUp() tells what it cannot do: nothing there, no folder, over KV Connect", () =>
  withFolder(async (folder) => {
    const nothing = { dataDir: join(folder, "none") };
    await assert.rejects(backUp(nothing, join(folder, "1")), codeOf("DATA_DIR_MISSING"));
    const place = await filled({ dataDir: join(folder, "a") });
    await assert.rejects(backUp(place, join(folder, "x/y")), codeOf("FILE_NOT_WRITTEN"));
    const remote = { dataDir: "none", store: "http://127.0.0.1:1" };
    await assert.rejects(backUp(remote, join(folder, "1")), codeOf("BACKUP_UNSUPPORTED"));
    await assert.rejects(restore(join(folder, "1"), remote), codeOf("BACKUP_UNSUPPORTED"));
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));

Deno.test("backUp() sees one instant of a KV file that another process writes to", () =>
  withFolder((folder) => checkOneInstant(folder, { dataDir: join(folder, "a") })));
