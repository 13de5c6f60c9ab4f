import assert from "node:assert/strict";
import { isAccepted, prefersEvents, refuseUnacceptable } from "./media_types.ts";

const JSON_TYPE = ["application/json"];

Deno.test("isAccepted() takes what a client names, its family, or anything", () => {
  for (
    const accept of [
      null,
      "",
      "*/*",
      "application/json",
      "application/*;q=0.1",
      "text/html, application/json;q=0.9",
      "text/html,*/*;q=0.8",
      "APPLICATION/JSON",
    ]
  ) assert.ok(isAccepted(accept, JSON_TYPE), String(accept));
});

Deno.test("isAccepted() refuses other types, and those of no quality", () => {
  for (
    const accept of ["text/html", "application/xml, text/*", "application/json;q=0, */*", "*/*;q=0"]
  ) assert.ok(!isAccepted(accept, JSON_TYPE), accept);
  assert.throws(() => refuseUnacceptable("text/html", JSON_TYPE), {
    status: 406,
    code: "NOT_ACCEPTABLE",
  });
});

Deno.test("prefersEvents() streams unless JSON is wanted more", () => {
  for (const accept of [null, "*/*", "text/event-stream", "text/event-stream, application/json"]) {
    assert.ok(prefersEvents(accept), String(accept));
  }
  for (const accept of ["application/json", "application/json, text/event-stream;q=0.5"]) {
    assert.ok(!prefersEvents(accept), accept);
  }
});
