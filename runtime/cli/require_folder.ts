import { stat } from "node:fs/promises";
import { UnavailableError } from "../../core/errors.ts";

/**
 * Refuses a data directory that is a file. One that is not there yet passes.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE`
 */
export async function requireFolder(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => null);
  if (found === null || found.isDirectory()) return;
  throw new UnavailableError("STORE_UNAVAILABLE", {
    message: `Cannot keep runs in "${dataDir}": it is a file, not a folder`,
    hint: "Name the folder of the runs with --data DIR",
  });
}
