import assert from "node:assert/strict";
import { requestIdOf, traceParentOf } from "./request_id.ts";

Deno.test("requestIdOf() keeps the name that a request came with, if it is one", () => {
  assert.equal(requestIdOf(new Headers({ "x-request-id": "job-7.b_2" })), "job-7.b_2");
  for (const given of ["", "a b", "<script>", "x".repeat(65), "-a", "é"]) {
    const headers = new Headers();
    try {
      headers.set("x-request-id", given);
    } catch {
      continue;
    }
    assert.match(requestIdOf(headers), /^[0-9a-f]{8}-[0-9a-z]+$/, given);
  }
});

Deno.test("requestIdOf() names each request otherwise", () => {
  const ids = Array.from({ length: 100 }, () => requestIdOf(new Headers()));
  assert.equal(new Set(ids).size, 100);
});

Deno.test("traceParentOf() takes a trace as W3C writes it, and nothing else", () => {
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  assert.equal(traceParentOf(new Headers({ traceparent: trace })), trace);
  const zero = `00-${"0".repeat(32)}-b7ad6b7169203331-01`;
  for (const wrong of [zero, trace.toUpperCase(), `${trace}-x`, trace.slice(1)]) {
    assert.equal(traceParentOf(new Headers({ traceparent: wrong })), undefined, wrong);
  }
});
