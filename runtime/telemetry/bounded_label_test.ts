import assert from "node:assert/strict";
import { BoundedLabel, OTHER } from "./bounded_label.ts";

Deno.test("BoundedLabel.of() keeps the first values and calls later ones other", () => {
  const label = new BoundedLabel(2);
  assert.deepEqual(["a", "b", "c", "a", "d"].map((value) => label.of(value)), [
    "a",
    "b",
    OTHER,
    "a",
    OTHER,
  ]);
});

Deno.test("BoundedLabel.of() takes no value that is very long", () => {
  assert.equal(new BoundedLabel(2).of("x".repeat(121)), OTHER);
});
