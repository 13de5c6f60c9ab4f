import assert from "node:assert/strict";
import { booleanArray, byteaArray, numberArray, textArray } from "./array_literal.ts";

Deno.test("array literals quote what the server would take for syntax", () => {
  assert.equal(
    textArray(['a"b', "c\\d", "e,{f}", "", "NULL", null]),
    '{"a\\"b","c\\\\d","e,{f}","","NULL",NULL}',
  );
  assert.equal(numberArray([1, null, -2.5]), "{1,NULL,-2.5}");
  assert.equal(booleanArray([true, false]), "{true,false}");
  assert.equal(byteaArray([new Uint8Array([0, 255]), new Uint8Array()]), '{"\\\\x00ff","\\\\x"}');
  assert.deepEqual([textArray([]), byteaArray([])], ["{}", "{}"]);
});
