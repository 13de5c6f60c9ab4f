import assert from "node:assert/strict";
import fc from "fast-check";
import { FactList, type Listed } from "./fact_list.ts";

const itemOf = (at: number, key: string): Listed => ({
  at,
  key,
  usedAt: at,
  rankedAt: at,
  isGone: false,
});

Deno.test("FactList is sorted by time and key, whatever comes and goes", () => {
  const step = fc.record({ at: fc.nat(30), isRemoval: fc.boolean(), isRead: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const list = new FactList<Listed>();
    let model: Listed[] = [];
    steps.forEach(({ at, isRemoval, isRead }, number) => {
      const removed = isRemoval ? model[at % Math.max(model.length, 1)] : undefined;
      if (removed !== undefined) {
        removed.isGone = true;
        list.noteGone();
        model = model.filter((item) => item !== removed);
      } else {
        const item = itemOf(at, `${number}`);
        list.add(item);
        model.push(item);
      }
      if (isRead) assertSame(list, model);
    });
    assertSame(list, model);
  }));
});

Deno.test("FactList takes items that are very late", () => {
  const list = new FactList<Listed>();
  const items = Array.from({ length: 5_000 }, (_, at) => itemOf(10_000 + at, `${at}`));
  for (const item of items) list.add(item);
  list.add(itemOf(1, "late"));
  list.add(itemOf(20_000, "new"));
  assert.equal(list.newest()?.key, "new");
  assert.equal(list.oldestFirst()[0]?.key, "late");
  assert.equal(list.size, 5_002);
});

Deno.test("newestFirst() passes over nothing that was there, whatever comes in between", () => {
  const late = fc.record({ after: fc.nat(20), at: fc.nat(60) });
  fc.assert(fc.property(fc.array(late), (others) => {
    const list = new FactList<Listed>();
    const before = Array.from({ length: 20 }, (_, nth) => itemOf(3 * nth, `${nth}`));
    for (const item of before) list.add(item);
    const seen: Listed[] = [];
    for (const item of list.newestFirst()) {
      seen.push(item);
      others.forEach(({ after, at }, nth) => {
        if (after === seen.length) list.add(itemOf(at, `late-${nth}`));
      });
    }
    assert.deepEqual(seen.filter(({ key }) => !key.startsWith("late")), before.toReversed());
    assert.equal(new Set(seen).size, seen.length);
  }));
});

function assertSame(list: FactList<Listed>, model: readonly Listed[]): void {
  const sorted = model.toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  assert.deepEqual([...list.newestFirst()], sorted.toReversed());
  assert.deepEqual(list.oldestFirst(), sorted);
  assert.equal(list.newest(), sorted.at(-1));
  assert.equal(list.size, model.length);
}
