import assert from "node:assert/strict";
import { UnavailableError } from "../../../core/errors.ts";
import { requireServer } from "./migrate.ts";

Deno.test("requireServer() refuses servers that are too old", () => {
  requireServer(140_000);
  requireServer(180_004);
  assert.throws(() => requireServer(130_021), (error) => {
    assert.ok(error instanceof UnavailableError && error.code === "STORE_VERSION_WRONG");
    assert.equal(error.message, "Cannot use PostgreSQL 13: 14 is the oldest");
    return true;
  });
});
