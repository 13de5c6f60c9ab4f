import assert from "node:assert/strict";
import fc from "fast-check";
import { rowsIn } from "./virtual_rows.ts";

Deno.test("rowsIn() covers every row in sight, and not many more", () => {
  const numbers = fc.integer({ min: 0, max: 500_000 });
  fc.assert(fc.property(numbers, fc.nat(2_000), fc.nat(20_000), (top, height, count) => {
    const { from, to } = rowsIn({ top, height }, 32, count);
    assert.ok(0 <= from && from <= to && to <= count);
    const first = Math.min(count, Math.floor(top / 32));
    const last = Math.min(count, Math.ceil((top + height) / 32));
    assert.ok(from <= first && last <= to, `${from} to ${to} of ${count}`);
    assert.ok(to - from <= height / 32 + 20);
  }));
});
