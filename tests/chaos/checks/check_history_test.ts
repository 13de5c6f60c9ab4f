import assert from "node:assert/strict";
import type { RunEvent } from "../../../workflows/mod.ts";
import type { BookEntry } from "../ledger/effect_book.ts";
import { checkHistory, countHistory } from "./check_history.ts";
import type { History, JournalLine, SegmentHead } from "./history.ts";
import { checkKept } from "./journal_checks.ts";

type Draft = Record<string, unknown>;
/** `[term, event]`, one segment each. */
type Row = [number, Draft];

const NODE = { 1: "n1/x", 2: "n2/y", 3: "n3/z" } as Record<number, string>;
const submitted = (seed = 7): Draft => ({ type: "RunSubmitted", input: { seed } });
const started = (task: string, attempt: number): Draft => ({
  type: "AttemptStarted",
  task,
  attempt,
});
const lost = (task: string, attempt: number): Draft => ({
  type: "AttemptFailed",
  task,
  attempt,
  lost: true,
});
const completed = (task: string, nonce: string, charged: string | null = null): Draft => ({
  type: "TaskCompleted",
  task,
  output: { nonce, charged },
});
const step = (task: string, output: string): Draft => ({
  type: "StepRecorded",
  task,
  stepId: "charge",
  output,
});

/** Task `a`, then `b`, which takes a step, is lost in term 1, and done again in term 2. */
const ROWS: Row[] = [
  [1, submitted()],
  [1, started("a", 1)],
  [1, completed("a", "a1")],
  [1, started("b", 1)],
  [1, step("b", "s1")],
  [2, lost("b", 1)],
  [2, started("b", 2)],
  [2, completed("b", "b2", "s1")],
  [2, { type: "RunCompleted", output: null }],
];

type Write = [task: string, attempt: number, term: number, what: string, nonce: string, ok?: false];

const WRITES: Write[] = [
  ["a", 1, 1, "begin", "a0"],
  ["a", 1, 1, "end", "a1"],
  ["b", 1, 1, "begin", "b0"],
  ["b", 1, 1, "step:charge", "s1"],
  ["b", 2, 2, "begin", "b1"],
  ["b", 1, 1, "end", "bx", false],
  ["b", 2, 2, "end", "b2"],
];

function historyOf(rows: Row[], writes: Write[] = WRITES, over: Partial<History> = {}): History {
  const journal: JournalLine[] = [];
  const segments: SegmentHead[] = [];
  for (const [at, [term, draft]] of rows.entries()) {
    const node = draft.type === "AttemptStarted" ? { node: NODE[term] } : {};
    const event = { at: at, ...node, ...draft } as unknown as RunEvent;
    const runId = draft.run as string ?? "r";
    segments.push({ partition: 0, seq: at + 1, term });
    journal.push({ partition: 0, seq: at + 1, term, runId, event });
  }
  const effects: BookEntry[] = writes.map(([task, attempt, term, what, nonce, ok], at) => (
    { n: at + 1, atMs: at, run: "r", task, attempt, term, what, nonce, isAccepted: ok ?? true }
  ));
  const needs = new Map([["a", []], ["b", ["a"]]]);
  const acknowledged = new Map([["one", "r"]]);
  return { acknowledged, segments, compactedTo: new Map(), journal, effects, needs, ...over };
}

/** The promises that a history breaks, each once. */
function brokenOf(history: History): string[] {
  return [...new Set(checkHistory(history).map(({ promise }) => promise))].sort();
}

/** A copy of `rows` with some taken out and others put in at a place. */
const splice = <T>(rows: readonly T[], at: number, out: number, ...put: T[]): T[] => [
  ...rows.slice(0, at),
  ...put,
  ...rows.slice(at + out),
];

Deno.test("checkHistory() finds nothing in a history with a lost attempt and a stale write", () => {
  assert.deepEqual(checkHistory(historyOf(ROWS)), []);
});

Deno.test("countHistory() counts attempts, lost ones, refusals and leaders", () => {
  assert.deepEqual(countHistory(historyOf(ROWS)), {
    acknowledged: 1,
    ended: 1,
    attempts: 3,
    adopted: 0,
    lost: 1,
    refusedByLedger: 1,
    leaderChanges: 1,
  });
  const adopted = ROWS.map(([_, draft], at): Row => [at < 2 ? 1 : 2, draft]);
  assert.equal(countHistory(historyOf(adopted)).adopted, 1);
});

const BROKEN: { name: string; history: History; promises: string[] }[] = [
  {
    name: "a run that never ended",
    history: historyOf(ROWS.slice(0, -1)),
    promises: ["an acknowledged run ends completed"],
  },
  {
    name: "a run that failed",
    history: historyOf(
      splice(ROWS, 8, 1, [2, { type: "RunFailed", error: { code: "X", message: "y" } }]),
    ),
    promises: ["an acknowledged run ends completed"],
  },
  {
    name: "a run that is nowhere",
    history: historyOf(ROWS, WRITES, { acknowledged: new Map([["one", "r"], ["two", "s"]]) }),
    promises: ["an acknowledged run is in the journal"],
  },
  {
    name: "an id that began two runs",
    history: historyOf([...ROWS, [2, { ...submitted(), run: "s" }]]),
    promises: ["a run that was submitted is begun once"],
  },
  {
    name: "a run that begins again",
    history: historyOf(splice(ROWS, 3, 0, [1, submitted(8)])),
    promises: ["a history begins once"],
  },
  {
    name: "an old term that writes after a newer one",
    history: historyOf(splice(ROWS, 6, 0, [1, { type: "TaskScheduled", task: "b" }])),
    promises: ["no term writes after a greater one"],
  },
  {
    name: "two nodes that lead in one term",
    history: historyOf(splice(ROWS, 6, 1, [2, { ...started("b", 2), node: "n1/x" }], [
      2,
      { ...started("c", 1), node: "n2/y" },
    ])),
    promises: ["a term has one leader"],
  },
  {
    name: "an attempt of a finished task",
    history: historyOf(splice(ROWS, 8, 0, [2, started("b", 3)])),
    promises: ["no attempt of a finished task begins"],
  },
  {
    name: "two attempts at once",
    history: historyOf(splice(ROWS, 5, 1)),
    promises: ["one attempt of a task at a time"],
  },
  {
    name: "an attempt that is left out",
    history: historyOf(
      ROWS.map(([term, draft]) => [term, draft.attempt === 2 ? { ...draft, attempt: 3 } : draft]),
      WRITES.map((write) => write[1] === 2 ? splice(write, 1, 1, 3) as Write : write),
    ),
    promises: ["attempts are counted without gaps"],
  },
  {
    name: "a task that is finished twice",
    history: historyOf(splice(ROWS, 7, 0, ROWS[7]!)),
    promises: ["a task is finished once"],
  },
  {
    name: "an answer to an attempt that was given up",
    history: historyOf(splice(ROWS, 6, 1)),
    promises: [
      "an attempt is answered at most once",
      "no attempt writes after its task is finished",
      "no effect comes before its attempt is in the journal",
    ],
  },
  {
    name: "a task that begins before what it needs is done",
    history: historyOf(splice(splice(ROWS, 3, 1), 2, 0, ROWS[3]!)),
    promises: ["a task begins when all that it needs is done"],
  },
  {
    name: "events after the end",
    history: historyOf([...ROWS, [2, { type: "RunPaused" }]]),
    promises: ["an acknowledged run ends completed", "nothing happens to a run that has ended"],
  },
  {
    name: "a ledger that takes an older attempt",
    history: historyOf(ROWS, WRITES.map((write) => write.slice(0, 5) as Write)),
    promises: ["the ledger takes no older attempt after a newer one"],
  },
  {
    name: "an effect of an attempt that nobody knows",
    history: historyOf(ROWS, [...WRITES, ["b", 3, 2, "begin", "z", false]]),
    promises: ["no effect comes before its attempt is in the journal"],
  },
  {
    name: "an effect with another term",
    history: historyOf(ROWS, splice(WRITES, 0, 1, ["a", 1, 0, "begin", "a0"])),
    promises: ["an effect carries the term in which its attempt began"],
  },
  {
    name: "an attempt that writes after its task is finished",
    history: historyOf(ROWS, [...WRITES, ["b", 2, 2, "begin", "z"]]),
    promises: ["no attempt writes after its task is finished"],
  },
  {
    name: "an output that the ledger did not get",
    history: historyOf(splice(ROWS, 2, 1, [1, completed("a", "other")])),
    promises: ["the output is what the last attempt wrote"],
  },
  {
    name: "an effect before the one that it needs",
    history: historyOf(
      ROWS,
      [
        ...WRITES.slice(2, 3),
        ...WRITES.slice(0, 2),
        ...WRITES.slice(3),
      ].map((write) => write),
    ),
    promises: ["an effect comes after those that it needs"],
  },
  {
    name: "a recorded step that is taken again",
    history: historyOf(ROWS, splice(WRITES, 5, 0, ["b", 2, 2, "step:charge", "s2"])),
    promises: ["a recorded step is not taken again"],
  },
  {
    name: "a step with another result",
    history: historyOf(splice(ROWS, 4, 1, [1, step("b", "s9")])),
    promises: ["a step's result is what it gave"],
  },
];

for (const { name, history, promises } of BROKEN) {
  Deno.test(`checkHistory() sees ${name}`, () => assert.deepEqual(brokenOf(history), promises));
}

Deno.test("checkHistory() sees a gap in the journal, unless what was there is in histories", () => {
  const history = historyOf(ROWS);
  const segments = history.segments.filter(({ seq }) => seq !== 3);
  assert.deepEqual(brokenOf({ ...history, segments }), ["a journal has no gaps"]);
  assert.deepEqual(brokenOf({ ...history, segments, compactedTo: new Map([[0, 2]]) }), [
    "a journal has no gaps",
  ]);
  assert.deepEqual(brokenOf({ ...history, segments, compactedTo: new Map([[0, 3]]) }), []);
});

Deno.test("checkHistory() takes any term between two for one that it does not know", () => {
  const { journal, ...history } = historyOf(ROWS);
  const unknown = (from: number, to: number) => ({
    ...history,
    journal: journal.map((line) => ({ ...line, term: [from, to] as const })),
  });
  assert.deepEqual(brokenOf(unknown(1, 2)), []);
  assert.deepEqual(brokenOf(unknown(2, 3)), [
    "an effect carries the term in which its attempt began",
  ]);
});

Deno.test("checkKept() sees events that vanished, changed or moved, and no others", () => {
  const { journal, ...history } = historyOf(ROWS);
  const seen = journal.filter(({ seq }) => seq !== 4);
  assert.deepEqual(checkKept(seen, { ...history, journal }), []);
  const changed = (line: JournalLine) => ({ ...line, event: { ...line.event, at: 99 } });
  const moved = (line: JournalLine) => ({ ...line, seq: 99 });
  for (
    const after of [
      journal.filter(({ seq }) => seq !== 3),
      journal.map((line) => line.seq === 3 ? changed(line) : line),
      journal.map((line) => line.seq === 3 ? moved(line) : line),
    ]
  ) {
    const [broken, ...more] = checkKept(seen, { ...history, journal: after });
    assert.ok(broken?.where.startsWith("r, segment 3"));
    assert.deepEqual(more, []);
  }
});
