import assert from "node:assert/strict";
import fc from "fast-check";
import { type Camera, fit, meet, panBy, reveal, seenBox, zoomAt } from "./camera.ts";

const sizes = fc.record({
  width: fc.integer({ min: 200, max: 4_000 }),
  height: fc.integer({ min: 200, max: 3_000 }),
});
const cameras = fc.record({
  x: fc.integer({ min: -5_000, max: 5_000 }),
  y: fc.integer({ min: -5_000, max: 5_000 }),
  scale: fc.double({ min: 0.02, max: 2, noNaN: true }),
});

const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-3, `${a} is not ${b}`);

Deno.test("fit() shows every corner of the picture", () => {
  fc.assert(fc.property(sizes, sizes, (picture, view) => {
    const seen = seenBox(fit(picture, view), view, 1);
    assert.ok(seen.x <= 0 && seen.y <= 0);
    assert.ok(seen.x + seen.width >= picture.width && seen.y + seen.height >= picture.height);
  }));
});

Deno.test("zoomAt() keeps what lies under the pointer there", () => {
  fc.assert(fc.property(cameras, fc.double({ min: 0.5, max: 2, noNaN: true }), (camera, factor) => {
    const at = { x: 300, y: 200 };
    const under = (c: Camera) => [(at.x - c.x) / c.scale, (at.y - c.y) / c.scale] as const;
    const [x, y] = under(camera);
    const [afterX, afterY] = under(zoomAt(camera, at, factor));
    close(x, afterX);
    close(y, afterY);
  }));
});

Deno.test("panBy() never loses the picture out of the window", () => {
  const moves = fc.integer({ min: -1e6, max: 1e6 });
  fc.assert(fc.property(cameras, sizes, sizes, moves, moves, (camera, picture, view, dx, dy) => {
    const seen = seenBox(panBy(camera, dx, dy, picture, view), view);
    assert.ok(meet(seen, { x: 0, y: 0, ...picture }));
  }));
});

Deno.test("reveal() brings a box that fits into the window", () => {
  const places = fc.integer({ min: 0, max: 3_000 });
  fc.assert(fc.property(cameras, places, places, (camera, x, y) => {
    const view = { width: 1_000, height: 800 };
    const box = { x, y, width: 200, height: 60 };
    const seen = seenBox(reveal(camera, box, view), view, 1);
    assert.ok(seen.x <= x && x + 200 <= seen.x + seen.width, "across");
    assert.ok(seen.y <= y && y + 60 <= seen.y + seen.height, "down");
  }));
});

Deno.test("reveal() leaves the camera alone when the box is seen", () => {
  const camera = { x: 0, y: 0, scale: 1 };
  const box = { x: 100, y: 100, width: 200, height: 60 };
  assert.deepEqual(reveal(camera, box, { width: 800, height: 600 }), camera);
});
