import assert from "node:assert/strict";
import { cleanUpdate } from "./clean_update.ts";

const REDACTION = {
  redact: (text: string) => text.replaceAll("hunter2", "[redacted]"),
  isSecretField: (name: string) => name === "password",
};

Deno.test("cleanUpdate() hides secrets by their look and by the name of their field", () => {
  const update = {
    runId: "r",
    message: "\u001b[31mit was hunter2",
    fields: { password: ["x", 1], list: [{ password: 7, note: "hunter2" }] },
  };
  assert.deepEqual(cleanUpdate(update, REDACTION), {
    runId: "r",
    message: "it was [redacted]",
    fields: {
      password: "[redacted]",
      list: [{ password: "[redacted]", note: "[redacted]" }],
    },
  });
  const silent: { runId: string; message?: string } = { runId: "r" };
  assert.deepEqual(cleanUpdate(silent, REDACTION), silent);
});

Deno.test("cleanUpdate() takes fields that nothing could be made of", () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  const { fields } = cleanUpdate({ fields: { deep } as Record<string, unknown> }, REDACTION);
  assert.equal(fields?.truncated, true);
  const large = cleanUpdate({ fields: { text: "x".repeat(100_000) } }, REDACTION);
  assert.deepEqual(large.fields, { truncated: true, bytes: 100_011 });
});
