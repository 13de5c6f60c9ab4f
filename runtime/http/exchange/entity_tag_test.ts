import assert from "node:assert/strict";
import { hasVersion, readPrecondition, toEntityTag } from "./entity_tag.ts";

Deno.test("hasVersion() knows a version among several, weak or strong, and the asterisk", () => {
  assert.equal(toEntityTag("7"), '"7"');
  for (const header of ['"7"', 'W/"7"', '"6", "7"', '"6",W/"7"', "*"]) {
    assert.ok(hasVersion(header, "7"), header);
  }
  for (const header of [null, "", "7", '"77"', '"6", "8"', 'W/"6"']) {
    assert.ok(!hasVersion(header, "7"), String(header));
  }
});

Deno.test("readPrecondition() reads what a change was made for", () => {
  const read = (headers: Record<string, string>) => readPrecondition(new Headers(headers));
  assert.deepEqual(read({}), { type: "none" });
  assert.deepEqual(read({ "if-none-match": "*" }), { type: "absent" });
  assert.deepEqual(read({ "if-none-match": '"7"' }), { type: "none" });
  assert.deepEqual(read({ "if-match": "*" }), { type: "present" });
  assert.deepEqual(read({ "if-match": '"6", "7"' }), { type: "versions", versions: ["6", "7"] });
});

Deno.test("readPrecondition() lets no weak tag and no bare word fit a change", () => {
  for (const header of ['W/"7"', "7", '"7', ""]) {
    const wanted = readPrecondition(new Headers({ "if-match": header }));
    assert.deepEqual(wanted, { type: "versions", versions: [] }, header);
  }
});
