import assert from "node:assert/strict";
import type { Issue } from "../../core/errors.ts";
import { issueText } from "./issue_text.ts";
import { painter } from "./palette.ts";

const ISSUE: Issue = {
  code: "UNKNOWN_KEY",
  severity: "error",
  message: 'Cannot use key "agnet"',
  hint: 'Did you mean "agent"?',
  file: "flow.yaml",
  line: 3,
  column: 5,
  pointer: "/tasks/a/agnet",
};

Deno.test("issueText() shows the line and marks the place", () => {
  const text = issueText(ISSUE, "tasks:\n  a:\n    agnet: walker\n", painter(false));
  assert.equal(
    text,
    'flow.yaml:3:5 error UNKNOWN_KEY: Cannot use key "agnet"\n' +
      "  3 |     agnet: walker\n" +
      "    |     ^~~~~\n" +
      '  hint: Did you mean "agent"?\n',
  );
});

Deno.test("issueText() does without the line where there is none", () => {
  const wanted = 'flow.yaml:3:5 error UNKNOWN_KEY: Cannot use key "agnet"\n' +
    '  hint: Did you mean "agent"?\n';
  for (const source of [null, "", "one line", "a\r\nb\r\n\r\n"]) {
    assert.equal(issueText(ISSUE, source, painter(false)), wanted);
  }
});

Deno.test("issueText() keeps the mark in place behind tabs and in long lines, and stays harmless", () => {
  const tabbed = issueText({ ...ISSUE, line: 1, column: 2 }, "\tagnet: x", painter(false));
  assert.match(tabbed, /1 \| {2}agnet: x\n {4}\| {2}\^~~~~\n/);
  const long = issueText(
    { ...ISSUE, line: 1, column: 5_001 },
    `${"x ".repeat(2_500)}agnet`,
    painter(false),
  );
  const [, line, mark] = long.split("\n");
  assert.ok(line!.length < 120);
  assert.equal(line!.slice(mark!.indexOf("^")).slice(0, 5), "agnet");
  const evil = issueText(
    { ...ISSUE, message: "\x1b[2J", line: 1 },
    "\x1b[2J\u202e",
    painter(false),
  );
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(evil, /[\u001b\u202e]/);
});
