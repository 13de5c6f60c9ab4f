import assert from "node:assert/strict";
import { formatTraceparent, parseTraceparent } from "./traceparent.ts";

const TEXT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Deno.test("parseTraceparent() reads what formatTraceparent() writes", () => {
  assert.equal(formatTraceparent(parseTraceparent(TEXT)!), TEXT);
});

Deno.test("parseTraceparent() reads later versions, and the sampled flag alone", () => {
  const later = parseTraceparent(`cc${TEXT.slice(2, -2)}ff-what-comes`)!;
  assert.equal(later.traceId, TEXT.slice(3, 35));
  assert.equal(later.traceFlags, 1);
  assert.equal(parseTraceparent(`${TEXT.slice(0, -2)}00`)!.traceFlags, 0);
});

Deno.test("parseTraceparent() takes nothing else", () => {
  const wrong = [
    undefined,
    "",
    "x",
    TEXT.toUpperCase(),
    `ff${TEXT.slice(2)}`,
    TEXT.slice(0, -1),
    `${TEXT}0`,
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
  ];
  for (const text of wrong) assert.equal(parseTraceparent(text), null, text);
});
