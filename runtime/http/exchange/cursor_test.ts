import assert from "node:assert/strict";
import * as fc from "fast-check";
import { nameList, openCursor, sealCursor } from "./cursor.ts";

Deno.test("openCursor() gives back what sealCursor() sealed, whatever it is", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.string(), (place, list) => {
    assert.equal(openCursor(sealCursor(place, list)!, list), place);
  }));
});

Deno.test("openCursor() refuses a cursor of which one character was altered", () => {
  const cursor = sealCursor("01KAP0V2M3N4P5Q6R7S8T9VWXY", "runs []")!;
  for (let at = 0; at < cursor.length; at++) {
    const other = cursor[at] === "A" ? "B" : "A";
    const altered = cursor.slice(0, at) + other + cursor.slice(at + 1);
    assert.throws(() => openCursor(altered, "runs []"), { code: "CURSOR_INVALID", status: 400 });
  }
  for (const text of ["", "0", cursor.slice(1), `${cursor}A`, "../../etc", "\u0000"]) {
    assert.throws(() => openCursor(text, "runs []"), { code: "CURSOR_INVALID" }, text);
  }
});

Deno.test("openCursor() refuses a cursor of another list or other filters", () => {
  const list = nameList("runs", { status: ["failed"], limit: 5, cursor: undefined });
  const cursor = sealCursor("x", list)!;
  assert.equal(openCursor(cursor, nameList("runs", { limit: 9, status: ["failed"] })), "x");
  for (const other of [nameList("runs", {}), nameList("logs", { status: ["failed"] })]) {
    assert.throws(() => openCursor(cursor, other), { code: "CURSOR_INVALID" });
  }
});

Deno.test("sealCursor() and openCursor() know the first and the last page", () => {
  assert.equal(sealCursor(null, "runs"), null);
  assert.equal(openCursor(undefined, "runs"), undefined);
});
