import assert from "node:assert/strict";
import { IdWindow } from "./duplicates.ts";

Deno.test("IdWindow finds a key until its time is over", () => {
  const ids = new IdWindow({ windowMs: 100, idsMax: 9 });
  ids.remember("a", 1, 1_000, 1);
  assert.equal(ids.find("a", 1_099), 1);
  assert.equal(ids.find("a", 1_100), null);
  assert.equal(ids.find("b", 1_000), null);
});

Deno.test("IdWindow forgets the oldest when there are too many", () => {
  const ids = new IdWindow({ windowMs: 100, idsMax: 2 });
  for (const [at, key] of ["a", "b", "c"].entries()) ids.remember(key, at, 1_000, at);
  assert.deepEqual(ids.list(1_000), [["b", 1], ["c", 2]]);
  assert.equal(ids.size, 2);
  assert.equal(ids.firstSegment(1_000), 1);
});

Deno.test("IdWindow keeps the later one of a key that came again", () => {
  const ids = new IdWindow({ windowMs: 100, idsMax: 9 });
  ids.remember("a", 1, 1_000, 1);
  ids.remember("a", 2, 1_100, 2);
  assert.equal(ids.find("a", 1_150), 2);
  assert.deepEqual(ids.list(1_150), [["a", 2]]);
  assert.equal(ids.firstSegment(1_200), null);
  assert.equal(ids.size, 0);
});

Deno.test("IdWindow bears a clock that was set back", () => {
  const ids = new IdWindow({ windowMs: 100, idsMax: 9 });
  ids.remember("later", 1, 2_000, 1);
  ids.remember("earlier", 2, 1_000, 2);
  assert.equal(ids.find("earlier", 1_050), 2);
  assert.equal(ids.find("earlier", 1_100), null);
  assert.equal(ids.firstSegment(1_100), 1);
});
