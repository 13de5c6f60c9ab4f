import assert from "node:assert/strict";
import { openMemoryDocumentStore } from "../store/mod.ts";
import { StoredViews } from "./stored_views.ts";

const views = () => new StoredViews(openMemoryDocumentStore(), () => 0);

Deno.test("StoredViews keeps the views of each owner apart", async () => {
  const store = views();
  await store.put("ada", "failed", { status: "failed" });
  await store.put("ada", "Alle", {});
  await store.put("ada/x", "other", {});
  assert.deepEqual((await store.list("ada")).map(({ name }) => name), ["Alle", "failed"]);
  assert.deepEqual(await store.get("ada", "failed"), {
    name: "failed",
    filters: { status: "failed" },
    updatedAt: new Date(0).toISOString(),
  });
  await assert.rejects(store.get("ada/x", "failed"), { code: "VIEW_NOT_FOUND" });
  await store.remove("ada", "failed");
  await assert.rejects(store.remove("ada", "failed"), { code: "VIEW_NOT_FOUND" });
});

Deno.test("StoredViews refuses names, sizes and numbers beyond its limits", async () => {
  const store = views();
  for (const name of ["", "x".repeat(65), "a\nb", "\ud800"]) {
    await assert.rejects(store.put("ada", name, {}), { code: "VIEW_WRONG" }, name);
  }
  await assert.rejects(store.put("ada", "big", { x: "x".repeat(9_000) }), { code: "VIEW_WRONG" });
  for (let n = 0; n < 100; n++) await store.put("ada", `v${n}`, {});
  await assert.rejects(store.put("ada", "more", {}), { code: "VIEW_WRONG" });
  await store.put("ada", "v7", { again: true });
});
