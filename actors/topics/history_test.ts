import assert from "node:assert/strict";
import fc from "fast-check";
import {
  append,
  createHistory,
  type History,
  type HistoryLimits,
  nextOffsetOf,
  read,
  trim,
} from "./history.ts";

interface Note {
  name: string;
  chars: number;
  sentAt: number;
}

const WIDE: HistoryLimits = { messagesMax: 1_000, charsMax: 1_000_000, ageMs: null };

function note(name: string, options: Partial<Note> = {}): Note {
  return { name, chars: 1, sentAt: 0, ...options };
}

function historyOf(names: string, limits = WIDE): History<Note> {
  const history = createHistory<Note>();
  for (const name of names) append(history, note(name), limits);
  return history;
}

function namesOf(history: History<Note>): string {
  return read(history, { from: 0 }).messages.map(({ message }) => message.name).join("");
}

Deno.test("append() keeps the newest messages within each limit", () => {
  assert.equal(namesOf(historyOf("abcde", { ...WIDE, messagesMax: 2 })), "de");
  assert.equal(namesOf(historyOf("abcde", { ...WIDE, charsMax: 3 })), "cde");
  const aged = createHistory<Note>();
  for (const [at, name] of [..."abcde"].entries()) {
    append(aged, note(name, { sentAt: at * 10 }), { ...WIDE, ageMs: 20 });
  }
  assert.equal(namesOf(aged), "de");
});

Deno.test("append() does not let one giant wipe out the history", () => {
  const history = historyOf("abc", { ...WIDE, charsMax: 10 });
  assert.equal(append(history, note("giant", { chars: 11 }), { ...WIDE, charsMax: 10 }), null);
  assert.equal(namesOf(history), "abc");
  assert.equal(append(history, note("d"), WIDE), 3);
});

Deno.test("read() gives the last n, or pages from an offset, and says what was missed", () => {
  const history = historyOf("abcdef", { ...WIDE, messagesMax: 4 });
  assert.deepEqual(read(history, { last: 2 }), {
    messages: [{ offset: 4, message: note("e") }, { offset: 5, message: note("f") }],
    nextOffset: 6,
    missed: 0,
  });
  assert.deepEqual(read(history, { from: 0, limit: 1 }), {
    messages: [{ offset: 2, message: note("c") }],
    nextOffset: 3,
    missed: 2,
  });
  assert.deepEqual(read(history, { from: 6 }), { messages: [], nextOffset: 6, missed: 0 });
  assert.deepEqual(read(history, { from: 99 }), { messages: [], nextOffset: 6, missed: 0 });
  assert.equal(read(history, { last: 99 }).messages.length, 4);
  assert.equal(read(history, { last: 0 }).messages.length, 0);
});

Deno.test("History is the same after a way through JSON", () => {
  const history = historyOf("abcdefg", { ...WIDE, messagesMax: 4 });
  const stored = JSON.parse(JSON.stringify(history)) as History<Note>;
  assert.deepEqual(stored, history);
  assert.equal(append(stored, note("h"), { ...WIDE, messagesMax: 4 }), 7);
  assert.equal(namesOf(stored), "efgh");
});

Deno.test("History agrees with a plain list, whatever is appended and trimmed", () => {
  const limits = fc.record({
    messagesMax: fc.integer({ min: 1, max: 12 }),
    charsMax: fc.integer({ min: 1, max: 40 }),
    ageMs: fc.option(fc.integer({ min: 1, max: 40 })),
  });
  const step = fc.record({ chars: fc.nat(12), pauseMs: fc.nat(8), isTrim: fc.boolean() });
  const steps = fc.array(step, { maxLength: 120 });
  fc.assert(fc.property(limits, steps, fc.nat(130), fc.nat(9), (limits, steps, from, limit) => {
    const history = createHistory<Note>();
    let list: { offset: number; message: Note }[] = [];
    let offset = 0;
    let now = 0;
    for (const { chars, pauseMs, isTrim } of steps) {
      now += pauseMs;
      const message = note(`${offset}`, { chars, sentAt: now });
      if (isTrim) trim(history, limits, now);
      else {
        const isKept = chars <= limits.charsMax;
        assert.equal(append(history, message, limits), isKept ? offset : null);
        if (isKept) list.push({ offset: offset++, message });
        else continue;
      }
      list = list.slice(-limits.messagesMax);
      while (list.reduce((sum, one) => sum + one.message.chars, 0) > limits.charsMax) list.shift();
      list = list.filter(({ message }) => now < message.sentAt + (limits.ageMs ?? Infinity));
      assert.deepEqual(read(history, { from: 0 }).messages, list);
      assert.ok(history.slots.length <= 2 * list.length + 1, "memory follows what is retained");
      assert.equal(nextOffsetOf(history), offset);
    }
    const page = read(history, { from, limit });
    assert.deepEqual(page.messages, list.filter((one) => one.offset >= from).slice(0, limit));
  }));
});
