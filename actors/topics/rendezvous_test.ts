import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseMember, type Member } from "./rendezvous.ts";

function members(count: number): Member[] {
  return Array.from({ length: count }, (_, at) => ({ id: `s${at}`, to: `actor://worker/${at}` }));
}

const values = Array.from({ length: 8_000 }, (_, at) => `docs/file-${at}.md`);

Deno.test("chooseMember() does not depend on the order of members, nor on their ids", () => {
  const eight = members(8);
  fc.assert(
    fc.property(fc.string(), fc.shuffledSubarray(eight, { minLength: 8 }), (value, shuffled) => {
      const renamed = shuffled.map(({ to }, at) => ({ to, id: `new-${at}` }));
      assert.equal(chooseMember(value, renamed).to, chooseMember(value, eight).to);
    }),
  );
});

Deno.test("chooseMember() moves only the values of a member that leaves", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(19), fc.string(), (n, at, value) => {
      const all = members(n);
      const gone = all[at % n]!;
      const before = chooseMember(value, all);
      const after = chooseMember(value, all.filter((one) => one !== gone));
      if (before !== gone) assert.equal(after, before);
      else assert.notEqual(after, gone);
    }),
  );
});

Deno.test("chooseMember() gives a member that comes its share, and moves nothing else", () => {
  const before = members(7);
  const after = members(8);
  const moved = values.filter((value) =>
    chooseMember(value, before).to !== chooseMember(value, after).to
  );
  assert.ok(moved.every((value) => chooseMember(value, after).id === "s7"));
  assert.ok(moved.length > 800 && moved.length < 1_200, `${moved.length} of 8000 moved`);
});

Deno.test("chooseMember() spreads values evenly", () => {
  const counts = new Map<string, number>();
  for (const value of values) {
    const { id } = chooseMember(value, members(8));
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  assert.equal(counts.size, 8);
  for (const count of counts.values()) assert.ok(count > 850 && count < 1_150, `${count} of 8000`);
});
