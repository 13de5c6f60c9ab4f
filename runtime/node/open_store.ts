import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { type KvStores, openKvStores } from "../store/mod.ts";

/** Path of the store's file in a data directory. */
export function storePath(dataDir: string): string {
  return join(resolve(dataDir), "denizen.kv");
}

/** Makes a data directory where it is missing. */
async function prepareDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true });
  } catch (cause) {
    throw new UnavailableError("STORE_UNAVAILABLE", {
      message: `Cannot make the state directory "${dataDir}": ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      hint: "Look with: deno task denizen doctor; or choose another folder with --data DIR",
      cause,
    });
  }
}

/**
 * Opens the stores of a data directory, which is made where it is missing.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE` when the system refuses it: no permission, no space
 */
export async function openStores(dataDir: string): Promise<KvStores<RunEvent, DeliveryEvent>> {
  await prepareDataDir(dataDir);
  return await openKvStores<RunEvent, DeliveryEvent>(storePath(dataDir));
}
