/**
 * Stores for a cluster under test.
 *
 * @module
 */
import { findDenokv } from "../../kv_connect/denokv_server.ts";
import { startDenokv } from "./denokv_server.ts";
import { startKvFile } from "./kv_file.ts";
import { startPostgresDatabase } from "./postgres_database.ts";
import { startPostgresPair } from "./postgres_pair.ts";
import type { StoreKind, StoreUnderTest, StoreWish } from "./store_under_test.ts";

export type { StoreKind, StoreUnderTest, StoreWish };
export { whyNoSmallDisk } from "./tmpfs.ts";

/** All of them. */
export const STORE_KINDS: readonly StoreKind[] = ["kv", "postgres", "denokv"];

/** Starts a store, fresh and empty. */
export function startStore(kind: StoreKind, wish: StoreWish): Promise<StoreUnderTest> {
  if (kind === "kv") return startKvFile(wish);
  if (kind === "denokv") return startDenokv(wish);
  return wish.hasStandby ? startPostgresPair() : startPostgresDatabase(wish);
}

/** Why there can be no such store here, and how to get one; `null` where there can. */
export function whyNoStore(kind: StoreKind): string | null {
  if (kind !== "denokv" || findDenokv() !== null) return null;
  return "denokv is missing: deno task test:kv-connect builds it, or set DENOKV_BIN";
}
