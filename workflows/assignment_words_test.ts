import assert from "node:assert/strict";
import { explainItems } from "./assignment_words.ts";

Deno.test("explainItems() tells of the first item, in whatever order they were asked for", () => {
  const waits = (code: "NOBODY_OFFERS" | "ALL_BUSY") => ({
    deferred: { why: { code, excluded: [] }, giveUpAt: 0 },
  });
  const instances = [waits("ALL_BUSY"), waits("NOBODY_OFFERS"), waits("ALL_BUSY")];
  const told = explainItems(new Set([1, 2]), instances, "work");
  assert.match(told!, /^2 items wait: No agent offers "work"/);
  assert.equal(explainItems(new Set([2, 1]), instances, "work"), told);
  assert.equal(explainItems(new Set(), instances, "work"), null);
});
