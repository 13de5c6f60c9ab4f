import assert from "node:assert/strict";
import { z } from "@hono/zod-openapi";
import { wordsOf } from "./words_of_issue.ts";

function wordsFor(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error!.issues.map(wordsOf);
}

Deno.test("wordsOf() says what is wanted, and what was given instead", () => {
  const cases: [z.ZodType, unknown, string][] = [
    [z.string(), 1, "must be text, not a number"],
    [z.string(), undefined, "is missing: it must be text"],
    [z.number(), "1", "must be a number, not text"],
    [z.int(), 1.5, "must be a whole number"],
    [z.record(z.string(), z.unknown()), [], "must be an object, not a list"],
    [z.array(z.string()), null, "must be a list, not null"],
    [z.string().min(1), "", "must not be empty"],
    [z.string().max(3), "four", "must have at most 3 characters"],
    [z.array(z.string()).max(1), ["a", "b"], "must have at most 1 item"],
    [z.number().min(1), 0, "must be at least 1"],
    [z.enum(["a", "b"]), "c", 'must be one of "a", "b"'],
    [z.literal(true), false, "must be true"],
    [z.iso.datetime(), "now", "must be an instant in UTC such as 2026-11-22T09:30:00Z"],
    [z.union([z.string(), z.record(z.string(), z.unknown())]), 5, "must be text or an object"],
    [z.union([z.literal("a"), z.number()]), "b", "has none of the forms that are allowed here"],
    [z.string().regex(/^a$/, "must be an a"), "b", "must be an a"],
  ];
  for (const [schema, value, words] of cases) assert.deepEqual(wordsFor(schema, value), [words]);
});

Deno.test("wordsOf() shows no pattern, also where nobody gave words for it", () => {
  assert.deepEqual(wordsFor(z.string().regex(/^a$/), "b"), ["has a form that is not allowed here"]);
});
