import { existsSync } from "node:fs";
import config from "../../deno.json" with { type: "json" };
import { InvalidInputError } from "../../core/errors.ts";
import { type StorePlace, targetOf } from "../node/open_store.ts";
import { hidePassword } from "../store/postgres/hide_password.ts";
import { makeFile } from "./atomic_file.ts";
import { type BackupHeader, type BackupSummary, openBackup, writeBackup } from "./backup_file.ts";
import type { BackupRecord } from "./backup_record.ts";
import { withKvCopy } from "./kv_copy.ts";
import { readKv } from "./kv_source.ts";
import { overKvConnect } from "./kv_connect_refusal.ts";
import { guarded } from "./guarded.ts";
import { differs } from "./restore.ts";

/**
 * Writes all that a store knows at one instant to a file, while nodes work on it, and reads the file
 * back before it gets its name.
 *
 * @param options `isForced`: a file of that name is replaced; `signal` gives it up, and throws its
 *   reason; `now`: epoch milliseconds
 * @throws {InvalidInputError} `DATA_DIR_MISSING`, `STORE_URL_WRONG`, `BACKUP_UNSUPPORTED`
 * @throws {ConflictError} `FILE_EXISTS`
 * @throws {UnavailableError} `STORE_UNAVAILABLE`, `STORE_VERSION_WRONG`, `FILE_NOT_WRITTEN`
 * @throws {InvariantError} `VALUE_CORRUPT`, `BLOB_CORRUPT` when the store is damaged
 */
export function backUp(
  place: StorePlace,
  file: string,
  options: { isForced?: boolean; signal?: AbortSignal; now?: () => number } = {},
): Promise<BackupSummary> {
  return makeFile(file, async (part) => {
    const written = await withRecords(place, part, (engine, records) => {
      const madeAt = (options.now ?? Date.now)();
      return writeBackup(
        part,
        { program: config.version, engine, madeAt },
        guarded(records, options.signal),
      );
    });
    const { summary } = await openBackup(part);
    if (JSON.stringify(summary.digests) !== JSON.stringify(written.digests)) {
      throw differs("backup", written, summary);
    }
    return summary;
  }, options);
}

/** Checks a backup, from its first byte to its last. Throws as `openBackup` does. */
export async function verifyBackup(file: string): Promise<BackupSummary> {
  return (await openBackup(file)).summary;
}

/** Gives `work` everything that a store knows at one instant. */
async function withRecords<T>(
  place: StorePlace,
  part: string,
  work: (engine: BackupHeader["engine"], records: AsyncIterable<BackupRecord>) => Promise<T>,
): Promise<T> {
  const target = targetOf(place);
  if (target.type === "kv") {
    if (!existsSync(target.path)) throw nothingThere(place);
    return await withKvCopy(target.path, `${part}.copy`, (kv) => work("kv", readKv(kv)));
  }
  if (target.type === "kv-connect") throw overKvConnect("back up");
  const { withPostgresSnapshot } = await import("./postgres_transaction.ts");
  const { readPostgres } = await import("./postgres_source.ts");
  const done = await withPostgresSnapshot(
    target.url,
    (snapshot) => work("postgres", readPostgres(snapshot)),
  );
  if (done === null) throw nothingThere(place);
  return done.result;
}

function nothingThere({ dataDir, store }: StorePlace): InvalidInputError {
  return new InvalidInputError("DATA_DIR_MISSING", {
    message: `Found nothing to back up in "${store === undefined ? dataDir : hidePassword(store)}"`,
    hint: "Name the state directory with --data DIR, or the store with --store URL",
  });
}
