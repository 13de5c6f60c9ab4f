import assert from "node:assert/strict";
import * as fc from "fast-check";
import { BODY_LIMITS, readBodyText, refuseDeepJson } from "./request_body.ts";

const LIMITS = { ...BODY_LIMITS, bytesMax: 10 };

function post(body: BodyInit, headers?: Record<string, string>): Request {
  return new Request("http://localhost/", { method: "POST", body, headers });
}

Deno.test("readBodyText() gives text of many chunks, also where they cut a character", async () => {
  const bytes = new TextEncoder().encode("aé😀b");
  const parts = ReadableStream.from([...bytes].map((byte) => Uint8Array.of(byte)));
  assert.equal(await readBodyText(post(parts), LIMITS), "aé😀b");
  assert.equal(await readBodyText(post(""), LIMITS), "");
  assert.equal(await readBodyText(new Request("http://localhost/"), LIMITS), "");
});

Deno.test("readBodyText() refuses what is too large, whatever its length says", async () => {
  const wanted = { status: 413, code: "BODY_TOO_LARGE" };
  await assert.rejects(readBodyText(post("12345678901"), LIMITS), wanted);
  await assert.rejects(readBodyText(post("1", { "content-length": "11" }), LIMITS), wanted);
  assert.equal(await readBodyText(post("1234567890"), LIMITS), "1234567890");
});

Deno.test("readBodyText() ends the reading of a body without end", async () => {
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(4)),
    cancel: () => void (isCancelled = true),
  });
  await assert.rejects(readBodyText(post(endless), LIMITS), { status: 413 });
  assert.ok(isCancelled);
});

Deno.test("readBodyText() waits for a body no longer than it may", async () => {
  const silent = new ReadableStream<Uint8Array>();
  const limits = { ...LIMITS, timeoutMs: 20 };
  await assert.rejects(readBodyText(post(silent), limits), { status: 408, code: "BODY_TOO_SLOW" });
});

Deno.test("readBodyText() tells a body that breaks off, and one that is no text", async () => {
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new Error("reset")),
  });
  await assert.rejects(readBodyText(post(broken), LIMITS), { status: 400, code: "BODY_CUT_OFF" });
  const bytes = Uint8Array.of(0xff, 0xfe);
  await assert.rejects(readBodyText(post(bytes), LIMITS), { status: 400, code: "BODY_NOT_TEXT" });
});

/** The dumb way: parse, then walk. */
function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

Deno.test("refuseDeepJson() counts depth as a walk through the parsed value does", () => {
  fc.assert(fc.property(fc.json(), fc.integer({ min: 0, max: 6 }), (text, depthMax) => {
    const isDeep = depthOf(JSON.parse(text)) > depthMax;
    if (isDeep) assert.throws(() => refuseDeepJson(text, depthMax), { code: "BODY_TOO_DEEP" });
    else refuseDeepJson(text, depthMax);
  }));
});

Deno.test("refuseDeepJson() takes brackets in texts for text, and a million for too many", () => {
  refuseDeepJson('{"a":"[[[[\\"[[["}', 1);
  assert.throws(() => refuseDeepJson("[".repeat(1_000_000), 64), { status: 400 });
});
