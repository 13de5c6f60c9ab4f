import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { AuditEntry, AuditRecord, AuditStore } from "../../core/audit_log.ts";
import { UnavailableError } from "../../core/errors.ts";
import { openKvStores, openMemoryAuditStore } from "../store/mod.ts";
import { openAudit } from "./audit_log.ts";
import { readAudit, verifyAudit } from "./read_audit.ts";

const clock = { now: () => Math.round(performance.timeOrigin + performance.now()) };

function refusal(n: number, more: Partial<AuditRecord> = {}): AuditRecord {
  return {
    kind: "refusal",
    from: `actor://crawler/${n}`,
    to: "actor://counter/main",
    code: "ACCESS_DENIED",
    message: `Refused message "count" of actor ${n}`,
    ...more,
  };
}

async function waitForEntries(store: AuditStore, count: number): Promise<AuditEntry[]> {
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await sleep(20)) {
    const entries = await readAudit(store, { limit: 1_000 });
    if (entries.length >= count) return entries;
  }
  throw new Error(`there were never ${count} entries`);
}

/** The store below, refusing to append while it is down. */
function breakable(below: AuditStore): AuditStore & { isDown: boolean } {
  return {
    isDown: false,
    head: () => below.head(),
    lines: (from, limit) => below.lines(from, limit),
    append(lines, expected, next) {
      if (!this.isDown) return below.append(lines, expected, next);
      return Promise.reject(new UnavailableError("STORE_UNAVAILABLE", { message: "It is down" }));
    },
  };
}

Deno.test("openAudit() writes by itself, equal records of a second as one", async () => {
  const store = openMemoryAuditStore();
  const audit = openAudit(store, clock);
  for (let n = 0; n < 5_000; n++) audit.record(refusal(n % 2));
  const entries = await waitForEntries(store, 2);
  assert.deepEqual(entries.map(({ from, count }) => [from, count]), [
    ["actor://crawler/0", 2_500],
    ["actor://crawler/1", 2_500],
  ]);
  await audit.close();
  assert.deepEqual(await verifyAudit(store), { entries: 2, broken: null });
});

Deno.test("record() keeps apart what one administrator does in a second", async () => {
  const store = openMemoryAuditStore();
  const audit = openAudit(store, clock);
  const act = (n: number): AuditRecord => ({
    ...{ kind: "access", from: "principal:ops", to: `run:${n}`, code: "write" },
    message: `Cancelled run ${n}`,
  });
  for (let n = 0; n < 100; n++) {
    audit.record(refusal(0, { to: `actor://nobody/${n}` }));
    audit.record(act(n));
  }
  await audit.close();
  const entries = await readAudit(store, { limit: 1_000 });
  const acts = entries.filter(({ kind }) => kind === "access");
  assert.deepEqual(acts.map(({ to }) => to), Array.from({ length: 100 }, (_, n) => `run:${n}`));
  assert.ok(entries.length - acts.length < 20, "refusals of one sender stay few");
  const times = entries.map(({ at }) => at);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
});

Deno.test("record() keeps the order of refusals and of what an administrator does", async () => {
  const store = openMemoryAuditStore();
  let now = 0;
  const audit = openAudit(store, { now: () => now });
  const act = (n: number): AuditRecord => ({
    ...{ kind: "access", from: "principal:ops", to: `run:${n}`, code: "write" },
    message: `Cancelled run ${n}`,
  });
  const times = [0, 900, 950, 1_100, 1_950, 2_500];
  for (const [n, at] of times.entries()) {
    now = at;
    audit.record(n % 2 === 0 ? act(n) : refusal(n));
  }
  await audit.close();
  const entries = await readAudit(store, { limit: 100 });
  assert.deepEqual(entries.map(({ at }) => at), times);
});

Deno.test("flush() and close() write what was noted, and nothing after", async () => {
  const store = openMemoryAuditStore();
  const audit = openAudit(store, clock);
  audit.record(refusal(1, { details: { limit: 10 } }));
  await audit.flush();
  const [entry] = await readAudit(store, { limit: 9 });
  assert.equal(entry!.seq, 1);
  assert.equal(entry!.previous, "0".repeat(64));
  assert.deepEqual(entry!.details, { limit: 10 });
  assert.ok(Math.abs(entry!.at - Date.now()) < 60_000);
  audit.record(refusal(2));
  await audit.close();
  await audit.close();
  audit.record(refusal(3));
  await audit.flush();
  assert.equal((await readAudit(store, { limit: 9 })).length, 2);
});

Deno.test("record() keeps what the store could not take, and says what was too much", async () => {
  const store = breakable(openMemoryAuditStore());
  const audit = openAudit(store, clock);
  store.isDown = true;
  audit.record(refusal(0));
  await assert.rejects(audit.flush(), { code: "STORE_UNAVAILABLE" });
  for (let n = 1; n < 1_500; n++) {
    audit.record(refusal(n));
    if (n % 50 === 0) await audit.flush().catch(() => {});
  }
  store.isDown = false;
  await audit.close();
  const entries = await readAudit(store, { from: 1, limit: 2_000 });
  assert.equal(entries.length, 1_001);
  assert.deepEqual([entries[0]!.from, entries[999]!.from], [
    "actor://crawler/0",
    "actor://crawler/999",
  ]);
  assert.deepEqual([entries[1_000]!.code, entries[1_000]!.count], ["AUDIT_OVERFLOW", 500]);
  assert.equal((await verifyAudit(store)).broken, null);
});

Deno.test("record() lets no text of a worker steer a terminal or fill the log", async () => {
  const store = openMemoryAuditStore();
  const audit = openAudit(store, clock);
  const evil = "a\x1b[2Jb\u202ec\u0007";
  audit.record(refusal(1, {
    from: evil.repeat(500),
    code: evil,
    message: evil.repeat(100_000),
    details: { [evil]: [evil, { deep: evil }], nothing: 1 },
  }));
  audit.record(refusal(2, { details: { text: "x".repeat(5_000_000) } }));
  const deep = JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`);
  audit.record(refusal(3, { details: deep }));
  await audit.close();
  const [first, second, third] = await readAudit(store, { limit: 9 });
  assert.equal(first!.code, "abc");
  assert.deepEqual(first!.details, { abc: ["abc", { deep: "abc" }], nothing: 1 });
  assert.ok(first!.from!.length <= 300 && first!.message.length <= 1_000);
  assert.deepEqual(second!.details, { leftOut: "too large" });
  assert.ok(JSON.stringify(third!.details).length < 200);
  for (const { text } of await store.lines(1, 9)) assert.ok(text.length < 5_000);
});

Deno.test("openAudit() lets several processes write one chain", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/store.kv`;
  const stores = await openKvStores(path);
  const script = new URL("../../tests/process/audit_many.ts", import.meta.url).pathname;
  const writers = ["a", "b", "c"].map((name) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--unstable-kv", script, path, name, "60"],
      stderr: "piped",
      stdout: "null",
    }).output()
  );
  for (const { code, stderr } of await Promise.all(writers)) {
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  }
  assert.deepEqual(await verifyAudit(stores.audit), { entries: 180, broken: null });
  const entries = await readAudit(stores.audit, { from: 1, limit: 500 });
  for (const name of ["a", "b", "c"]) {
    const own = entries.filter(({ from }) => from!.startsWith(`actor://${name}/`));
    assert.deepEqual(own.map(({ from }) => from), own.map((_, n) => `actor://${name}/${n}`));
    assert.equal(own.length, 60);
  }
  stores.close();
  await Deno.remove(folder, { recursive: true });
});
