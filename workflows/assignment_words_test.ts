import assert from "node:assert/strict";
import { definitionOf } from "../tests/decider_kit.ts";
import { explainItems, nobodyCan } from "./assignment_words.ts";

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

Deno.test("nobodyCan() gives the hint that fits what excluded the agents", () => {
  const [spec] =
    definitionOf([{ id: "m", target: { type: "capability", capability: "work" } }]).tasks;
  const reason = "good: /text is missing";
  const error = nobodyCan(spec!, {
    code: "NOBODY_CAN",
    excluded: [{ code: "INPUT_REFUSED", count: 1, agents: ["good"], reason }],
  });
  assert.match(
    error.message,
    /1 agent does not take this input: good \(good: \/text is missing\)$/,
  );
  assert.match(error.hint!, /^Mend "with" .*agent$/);
  assert.match(nobodyCan(spec!, { code: "NOBODY_OFFERS", excluded: [] }).hint!, /register"$/);
  assert.match(nobodyCan(spec!, { code: "NOBODY_CAN", excluded: [] }).hint!, /offers "work"/);
});
