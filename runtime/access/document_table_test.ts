import assert from "node:assert/strict";
import { z } from "zod";
import { openMemoryDocumentStore } from "../store/mod.ts";
import { DocumentTable } from "./document_table.ts";

const schema = z.object({ isOver: z.boolean() });
const keyOf = (place: number) => String(place).padStart(5, "0");

/** A table of 1,200 documents, of which every third is over. */
async function filled() {
  const store = openMemoryDocumentStore();
  const table = new DocumentTable(store, "things", schema);
  const keys = Array.from({ length: 1_200 }, (_, place) => keyOf(place));
  await store.putAll(
    "things",
    keys.map((key, place) => ({ key, value: { isOver: place % 3 === 0 } })),
  );
  const left = async () => (await store.list("things", { limit: 2_000 })).length;
  return { table, left };
}

Deno.test("sweep() looks at a page of the first documents, or at as many as it is told", async () => {
  const { table, left } = await filled();
  const isOver = (value: z.infer<typeof schema>) => value.isOver;
  await table.sweep(isOver);
  assert.equal(await left(), 1_200 - 167);
  await table.sweep(isOver, Infinity);
  assert.equal(await left(), 800);
});

Deno.test("update() gives up what it was told to leave, and finds nothing where nothing is", async () => {
  const { table } = await filled();
  assert.equal(await table.update(keyOf(1), () => null), null);
  assert.deepEqual(await table.update(keyOf(1), () => ({ isOver: true })), { isOver: true });
  assert.equal(await table.update("none", () => ({ isOver: true })), null);
  assert.equal(await table.insert(keyOf(1), { isOver: false }), false);
  await table.delete(keyOf(1));
  assert.equal(await table.get(keyOf(1)), null);
});
