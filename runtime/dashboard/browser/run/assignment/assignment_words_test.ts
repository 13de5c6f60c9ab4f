import assert from "node:assert/strict";
import { adviceFor, exclusionText, namesOf, wayText } from "./assignment_words.ts";

Deno.test("adviceFor() says what opens the way to each agent that nobody could take", () => {
  const advice = adviceFor({
    code: "NOBODY_CAN",
    excluded: [
      { code: "COST_TOO_HIGH", count: 1, agents: ["dear"] },
      { code: "DENIED", count: 1, agents: ["banned@1.0.0"] },
    ],
  });
  assert.deepEqual(advice, [
    "dear: raise assign.maxCost",
    "banned@1.0.0: take it out of assign.deny",
  ]);
});

Deno.test("adviceFor() of busy agents does not speak of those that are excluded", () => {
  const excluded = [{ code: "DENIED" as const, count: 1, agents: ["banned"] }];
  assert.equal(adviceFor({ code: "ALL_BUSY", excluded }).length, 1);
  assert.match(adviceFor({ code: "NOBODY_OFFERS", excluded: [] })[0]!, /^register an agent/);
});

Deno.test("adviceFor() asks first whether a name that nobody has is a slip", () => {
  const misnamed = { name: "text.mesure", meant: "text.measure" };
  const [first, second] = adviceFor({ code: "NOBODY_OFFERS", excluded: [], misnamed });
  assert.equal(first, 'nothing known is called "text.mesure": did you mean "text.measure"?');
  assert.match(second!, /^register an agent/);
});

Deno.test("namesOf() counts whom it does not name", () => {
  assert.equal(namesOf(["a", "b"]), "a, b");
  assert.equal(namesOf(["a"], 2), "a and 1 other");
  assert.equal(namesOf(["a", "b", "c"], 9), "a, b, c and 6 others");
});

Deno.test("exclusionText() and wayText() are words, not codes", () => {
  assert.equal(exclusionText("FULL"), "all its places are taken");
  assert.equal(wayText("auction"), "by its bid");
});
