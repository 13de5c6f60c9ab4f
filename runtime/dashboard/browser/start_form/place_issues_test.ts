import assert from "node:assert/strict";
import { placeIssues } from "./place_issues.ts";

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
