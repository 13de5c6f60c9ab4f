import assert from "node:assert/strict";
import { inWordsOfForm, placeIssues } from "./place_issues.ts";

const REFUSED = { title: "Unprocessable Content", status: 422 };

Deno.test("placeIssues() takes pointers into the request and into its input", () => {
  const errors = placeIssues({
    ...REFUSED,
    issues: [{ pointer: "/input/depth", message: "must be a number" }],
    details: { problems: [{ pointer: "/path", message: "must not be empty" }] },
  });
  assert.deepEqual([...errors], [["/depth", "must be a number"], ["/path", "must not be empty"]]);
});

Deno.test("placeIssues() puts what is missing where it is looked for", () => {
  const errors = placeIssues({
    ...REFUSED,
    details: {
      problems: [
        { pointer: "/", message: '"path" is missing' },
        { pointer: "/owner", message: '"a/b" is missing' },
      ],
    },
  });
  assert.deepEqual([...errors.keys()], ["/path", "/owner/a~1b"]);
});

Deno.test("placeIssues() joins what is said of one place, and takes nothing from other details", () => {
  const errors = placeIssues({
    ...REFUSED,
    issues: [{ pointer: "/input", message: "one" }, { pointer: "/input", message: "two" }],
    details: { problems: "many" },
  });
  assert.deepEqual([...errors], [["", "one; two"]]);
  assert.equal(placeIssues(REFUSED).size, 0);
});

Deno.test("placeIssues() leaves out of a message what its field says already", () => {
  const errors = placeIssues({
    ...REFUSED,
    details: { problems: [{ pointer: "/n", message: '"/n" must be <= 9' }] },
  });
  assert.deepEqual([...errors], [["/n", "must be <= 9"]]);
});

Deno.test("inWordsOfForm() names fields by their titles, and nothing of the command line", () => {
  const hint = "Give --input KEY=VALUE";
  const problem = {
    ...REFUSED,
    code: "INVALID_INPUT",
    hint,
    details: {
      problems: [
        { pointer: "/n", message: '"/n" must be <= 9' },
        { pointer: "/places/1", message: '"city" is missing' },
      ],
    },
  };
  const city = { type: "object", properties: { city: { type: "string" } } };
  const told = inWordsOfForm(problem, {
    properties: { n: { title: "Greetings" }, places: { type: "array", items: city } },
  });
  assert.equal(told.hint, undefined);
  assert.deepEqual(told.issues!.map(({ message }) => message), [
    "Greetings: must be <= 9",
    'Places, 2, City: "city" is missing',
  ]);
  const other = { ...REFUSED, code: "QUOTA_EXCEEDED", hint };
  assert.equal(inWordsOfForm(other, {}), other);
});
