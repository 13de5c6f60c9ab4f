import assert from "node:assert/strict";
import { RecentBlobs } from "./recent_blobs.ts";

const name = (n: number) => n.toString(16).padStart(64, "0");

function aged(recent: RecentBlobs, epoch: number): [string, boolean][] {
  return [...recent.age(epoch)].map(([sha256, { bytes }]) => [sha256, bytes !== null]);
}

Deno.test("age() gives what a new epoch could lose, with what is added meanwhile", () => {
  const recent = new RecentBlobs();
  recent.add(name(1), new Uint8Array(1), 1);
  recent.add(name(2), new Uint8Array(1), 2);
  assert.deepEqual(aged(recent, 3), [[name(1), true]]);
  const seen: string[] = [];
  for (const [sha256] of recent.age(4)) {
    seen.push(sha256);
    if (seen.length === 1) recent.add(name(3), new Uint8Array(1), 1);
  }
  assert.deepEqual(seen, [name(1), name(2), name(3)]);
});

Deno.test("name() follows names through blobs", () => {
  const recent = new RecentBlobs();
  const encode = (text: string) => new TextEncoder().encode(text);
  recent.add(name(1), encode("code"), 1);
  recent.add(name(2), encode(`["${name(1)}"]`), 1);
  assert.equal(recent.hasUnnamed(), true);
  recent.name([name(2), name(9)]);
  assert.equal(recent.hasUnnamed(), false);
});

Deno.test("RecentBlobs lets go of bytes of named ones first, the oldest before others", () => {
  const recent = new RecentBlobs({ namedBytesMax: 25, bytesMax: 100 });
  for (let n = 1; n <= 6; n++) recent.add(name(n), new Uint8Array(10), 1);
  recent.name([name(2), name(4), name(6)]);
  assert.deepEqual(aged(recent, 3).map(([, hasBytes]) => hasBytes), [
    true,
    false,
    true,
    true,
    true,
    true,
  ]);
  recent.add(name(7), new Uint8Array(80), 3);
  assert.deepEqual(aged(recent, 5).map(([, hasBytes]) => hasBytes), [
    false,
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
});

Deno.test("RecentBlobs forgets the oldest when they are too many, and what is old", () => {
  let now = 0;
  const recent = new RecentBlobs({ countMax: 2, now: () => now });
  for (let n = 1; n <= 3; n++) recent.add(name(n), new Uint8Array(10), 1);
  assert.deepEqual(aged(recent, 3).map(([sha256]) => sha256), [name(2), name(3)]);
  recent.name([name(2)]);
  const counts = () => [4, 5, 6, 7].map((epoch) => aged(recent, epoch).length);
  assert.deepEqual(counts(), [2, 1, 1, 1]);
  assert.deepEqual(counts(), [1, 1, 1, 1], "epochs alone say little");
  now = 3_600_000;
  assert.deepEqual(counts(), [0, 0, 0, 0]);
  recent.add(name(4), new Uint8Array(10), 1);
  now *= 2;
  assert.deepEqual(counts(), [1, 1, 1, 1], "and so does time");
});
