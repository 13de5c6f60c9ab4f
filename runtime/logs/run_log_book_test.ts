import assert from "node:assert/strict";
import fc from "fast-check";
import { ulid } from "ulid";
import type { DocumentStore } from "../../core/document_ports.ts";
import { UnavailableError } from "../../core/errors.ts";
import { openMemoryDocumentStore } from "../store/mod.ts";
import type { LogLine } from "./log_line.ts";
import { LOGS } from "./log_line.ts";
import { type LogUpdate, openRunLogBook, type RunLogBookOptions } from "./run_log_book.ts";

const START = Date.UTC(2026, 10, 22, 9);

/** A book on documents in memory; time stands where the test puts it. */
function openBook(options: Partial<RunLogBookOptions> = {}) {
  const documents = options.documents ?? openMemoryDocumentStore();
  const time = { now: START };
  const clock = { now: () => time.now };
  const book = openRunLogBook({ documents, clock, nodeId: "a", ...options });
  const runId = ulid(START);
  const note = (message: string, more: Partial<LogUpdate> = {}) =>
    book.note({
      runId,
      at: time.now,
      type: "log",
      taskId: "list",
      level: "info",
      message,
      ...more,
    });
  return { book, documents, time, runId, note };
}

const messages = (items: readonly LogLine[]) => items.map(({ message }) => message);
const countOf = async (documents: DocumentStore, runId: string) =>
  (await documents.list(LOGS, { prefix: `${runId}/`, limit: 1_000 })).length;

Deno.test("note() keeps lines with all that was said, and nothing but lines", async () => {
  const { book, note, runId, time } = openBook();
  note("first", { level: "warn", taskId: "measure[3]", fields: { path: "a.ts", n: [1, null] } });
  book.note({ runId, at: START, type: "progress", message: "half way" });
  time.now += 1;
  note("second", { taskId: undefined });
  const { items, nextCursor } = await book.read(runId, { limit: 10 });
  assert.equal(nextCursor, null);
  assert.deepEqual(items.map(({ id: _, ...line }) => line), [
    {
      at: "2026-11-22T09:00:00.000Z",
      level: "warn",
      task: "measure[3]",
      message: "first",
      fields: { path: "a.ts", n: [1, null] },
    },
    { at: "2026-11-22T09:00:00.001Z", level: "info", task: null, message: "second", fields: {} },
  ]);
  await book.close();
});

Deno.test("note() cleans and redacts texts, bounds them, and takes no key for another", async () => {
  const redact = (text: string) => text.replaceAll("hunter2", "[redacted]");
  const redaction = { redact, isSecretField: () => false };
  const { book, note, runId } = openBook({ redaction });
  const fields = JSON.parse('{"__proto__":{"x":"\\u001b[31mred"},"deep":{"key":"hunter2"}}');
  note("\x1b[2Jcleared \u202eevil hunter2", { fields });
  note("x".repeat(10_000), { fields: { text: "y".repeat(9_000) } });
  note("odd", { fields: { n: 1n as unknown, fn: () => 1 } });
  const [first, second, third] = (await book.read(runId, { limit: 10 })).items;
  assert.equal(first!.message, "cleared evil [redacted]");
  assert.equal(
    JSON.stringify(first!.fields),
    '{"__proto__":{"x":"red"},"deep":{"key":"[redacted]"}}',
  );
  assert.equal(second!.message.length, 4_096);
  assert.deepEqual(second!.fields, { truncated: true, bytes: 9_011 });
  assert.deepEqual(third!.fields, { truncated: true });
  await book.close();
});

Deno.test("read() narrows to tasks and levels, page by page", async () => {
  const { book, note, runId } = openBook();
  const levels = ["debug", "info", "warn", "error"] as const;
  for (let n = 0; n < 40; n++) {
    note(`line ${n}`, { level: levels[n % 4], taskId: n % 2 === 0 ? "list" : `measure[${n}]` });
  }
  const query = { task: "measure", level: "warn", limit: 4 } as const;
  const first = await book.read(runId, query);
  const rest = await book.read(runId, { ...query, after: first.nextCursor!, limit: 100 });
  const expected = Array.from({ length: 10 }, (_, n) => `line ${4 * n + 3}`);
  assert.deepEqual(messages([...first.items, ...rest.items]), expected);
  assert.equal(rest.nextCursor, null);
  const one = await book.read(runId, { task: "measure[3]", limit: 9 });
  assert.deepEqual(messages(one.items), ["line 3"]);
  assert.deepEqual((await book.read(runId, { task: "meas", limit: 9 })).items, []);
  assert.deepEqual((await book.read(runId, { after: "zzz", limit: 9 })).items, []);
  assert.deepEqual((await book.read(ulid(), { limit: 9 })).items, []);
  await book.close();
});

Deno.test("read() gives every line of several nodes once, by time, whatever the pages", async () => {
  const step = fc.record({
    node: fc.constantFrom("a", "b", "b.c"),
    passMs: fc.constantFrom(0, 0, 1, 40, 999, 1_000, 2_500),
    isFlushed: fc.boolean(),
    chars: fc.constantFrom(3, 3, 3_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), async (
      steps,
      limit,
    ) => {
      const { book: a, documents, time, runId } = openBook();
      const clock = { now: () => time.now };
      const open = (nodeId: string) => openRunLogBook({ documents, clock, nodeId });
      const books = new Map([["a", a], ["b", open("b")], ["b.c", open("b.c")]]);
      const noted: string[] = [];
      for (const [n, { node, passMs, isFlushed, chars }] of steps.entries()) {
        time.now += passMs;
        const message = `${time.now} ${node} ${String(n).padStart(3, "0")} ${"x".repeat(chars)}`;
        books.get(node)!.note({ runId, at: time.now, type: "log", message });
        noted.push(message);
        if (isFlushed) await books.get(node)!.flush();
      }
      for (const book of books.values()) await book.close();
      const found: LogLine[] = [];
      let after: string | undefined;
      for (;;) {
        const { items, nextCursor } = await a.read(runId, { after, limit });
        found.push(...items);
        if (nextCursor === null) break;
        after = nextCursor;
      }
      assert.deepEqual(messages(found), noted.sort());
      assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
    }),
    { numRuns: 60 },
  );
});

Deno.test("note() puts many lines into few documents", async () => {
  const { book, documents, note, runId, time } = openBook();
  for (let n = 0; n < 2_000; n++) {
    if (n % 10 === 0) time.now++;
    note(`Looked at file ${n}`);
  }
  await book.flush();
  assert.ok(await countOf(documents, runId) <= 4, "2,000 lines of 100 bytes");
  assert.equal((await book.read(runId, { limit: 5_000 })).items.length, 2_000);
  await book.close();
});

for (
  const [what, limits, kept] of [
    ["lines", { linesMax: 100 }, 100],
    ["bytes", { runBytesMax: 5_000 }, 50],
  ] as const
) {
  Deno.test(`note() says how many it has left out where a run has too many ${what}`, async () => {
    const { book, documents, note, runId, time } = openBook(limits);
    const message = "x".repeat(100 - JSON.stringify([START, 10, "info", "list", ""]).length);
    for (let n = 0; n < 300; n++) {
      note(message);
      if (n % 60 === 0) await book.flush();
    }
    time.now += 5_000;
    note(message);
    await book.flush();
    const { items } = await book.read(runId, { limit: 1_000 });
    const last = items.at(-1)!;
    assert.ok(Math.abs(items.length - 1 - kept) <= 2, String(items.length));
    assert.equal(last.level, "warn");
    assert.deepEqual(last.fields, { leftOut: 301 - (items.length - 1) });
    assert.match(last.message, /^\d+ more lines were left out/);
    await book.close();
    const again = openBook({ documents, ...limits, nodeId: "b" });
    again.book.note({ runId, at: START + 60_000, type: "log", message: "of another process" });
    await again.book.close();
    const found = await again.book.read(runId, { limit: 1_000 });
    assert.equal(found.items.length, items.length + 1, "one more line, which tells of one more");
    assert.deepEqual(found.items.map(({ fields }) => fields.leftOut).filter(Boolean).sort(), [
      1,
      last.fields.leftOut,
    ]);
  });
}

Deno.test("flush() tries again what a store did not take, once", async () => {
  const documents = openMemoryDocumentStore();
  const putAll = documents.putAll.bind(documents);
  let refusals = 2;
  documents.putAll = async (collection, given) => {
    // Some are written, as a store may do.
    await putAll(collection, given.slice(0, 1));
    if (refusals-- > 0) {
      throw new UnavailableError("STORE_UNAVAILABLE", { message: "Refused", hint: "Wait" });
    }
    await putAll(collection, given);
  };
  const troubles: unknown[] = [];
  const onTrouble = (error: unknown) => troubles.push(error);
  const { book, note, runId, time } = openBook({ documents, onTrouble });
  for (let n = 0; n < 20; n++) {
    time.now += 300;
    note(`line ${n}`);
    if (n === 5 || n === 10) await book.flush();
  }
  await book.close();
  assert.equal(troubles.length, 2);
  const expected = Array.from({ length: 20 }, (_, n) => `line ${n}`);
  assert.deepEqual(messages((await book.read(runId, { limit: 99 })).items), expected);
});

Deno.test("forget() deletes the lines of a run alone, also those on their way", async () => {
  const { book, documents, note, runId } = openBook();
  const other = ulid(START + 1);
  note("stored");
  note("of another run", { runId: other });
  await book.flush();
  note("on its way");
  await book.forget(runId);
  await book.flush();
  assert.equal(await countOf(documents, runId), 0);
  assert.deepEqual(messages((await book.read(other, { limit: 9 })).items), ["of another run"]);
  await book.close();
});

Deno.test("the oldest runs lose their logs where all take too much", async () => {
  const { book, documents, time, note } = openBook({ bytesMax: 100_000 });
  const runIds: string[] = [];
  for (let n = 0; n < 40; n++) {
    time.now += 10_000;
    const runId = ulid(time.now);
    runIds.push(runId);
    for (let line = 0; line < 10; line++) note("x".repeat(500), { runId });
    await book.flush();
  }
  time.now += 120_000;
  note("the last", { runId: runIds.at(-1)! });
  await book.flush();
  const counts = await Promise.all(runIds.map((runId) => countOf(documents, runId)));
  const left = counts.filter((count) => count > 0).length;
  assert.ok(left >= 10 && left <= 19, `${left} runs of about 5.6 kB are left`);
  assert.deepEqual(counts.slice(0, 40 - left).filter((count) => count > 0), []);
  for (const runId of runIds) await book.forget(runId);
  await book.close();
  assert.deepEqual((await documents.list(LOGS, { limit: 9 })).map(({ value }) => value), [0]);
});
