import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ConflictError, InvariantError } from "../../core/errors.ts";
import { type StorePlace, targetOf } from "../node/open_store.ts";
import { hidePassword } from "../store/postgres/hide_password.ts";
import { makeFile, refused } from "./atomic_file.ts";
import { type BackupReader, type BackupSummary, openBackup } from "./backup_file.ts";
import type { BackupRecord } from "./backup_record.ts";
import { guarded } from "./guarded.ts";
import { hasDatabase, removeDatabase, settleDatabase } from "./kv_copy.ts";
import { readKv } from "./kv_source.ts";
import { overKvConnect } from "./kv_connect_refusal.ts";
import { KvTarget } from "./kv_target.ts";
import { type Content, ContentMeter, encodeRecord } from "./record_codec.ts";

/**
 * How far terms are raised. After the backup was made, its store may have gone on to newer terms, and
 * others may have seen them: they must take what comes from the restored store for newer still. As
 * etcd does it with revisions (`etcdutl snapshot restore --bump-revision`).
 */
export const TERM_RAISE = 1_000_000;

/** Takes the records of a backup in their order. */
interface Target {
  write(record: BackupRecord): Promise<void>;
  finish(): Promise<void>;
  /** Blobs that the engine needs beside those of the backup. */
  readonly ownBlobs: ReadonlySet<string>;
}

/**
 * Puts a backup into a place where nothing is, reads all of it back from there, and compares. The
 * place has the whole of it at the end, or nothing. Nobody leads anything in it.
 *
 * @param options `signal` gives it up, and throws its reason
 * @throws {InvalidInputError} `STORE_URL_WRONG`, `BACKUP_UNREADABLE`, `BACKUP_UNSUPPORTED`
 * @throws {ConflictError} `RESTORE_NOT_EMPTY`
 * @throws {UnavailableError} `STORE_UNAVAILABLE`, `STORE_ACCESS_REFUSED`, `STORE_VERSION_WRONG`,
 *   `FILE_NOT_WRITTEN`
 * @throws {InvariantError} `BACKUP_CORRUPT`; `RESTORE_DIFFERS` when the store gives back something else
 */
export async function restore(
  file: string,
  place: StorePlace,
  { signal }: { signal?: AbortSignal } = {},
): Promise<BackupSummary> {
  const target = targetOf(place);
  if (target.type === "kv-connect") throw overKvConnect("restore");
  const { summary, records } = await openBackup(file);
  const backup = { summary, records: () => guarded(records(), signal) };
  if (target.type === "kv") await restoreKv(backup, target.path);
  else await restorePostgres(backup, target.url);
  return summary;
}

async function restorePostgres(backup: BackupReader, url: string): Promise<void> {
  const { withPostgresSchema } = await import("./postgres_transaction.ts");
  const { readPostgres } = await import("./postgres_source.ts");
  const { PostgresTarget } = await import("./postgres_target.ts");
  await withPostgresSchema(url, async (schema) => {
    for await (const { kind } of readPostgres(schema)) throw notEmpty(hidePassword(url), kind);
    await fill(backup, new PostgresTarget(schema.sql, schema.schema), readPostgres(schema));
  });
}

async function restoreKv(backup: BackupReader, path: string): Promise<void> {
  if (hasDatabase(path)) throw notEmpty(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw refused(path, error);
  }
  await makeFile(path, async (part) => {
    try {
      const kv = await Deno.openKv(part);
      try {
        await fill(backup, new KvTarget(kv), readKv(kv));
      } finally {
        kv.close();
      }
      settleDatabase(part);
    } catch (error) {
      await removeDatabase(part);
      throw error;
    }
  });
}

async function fill(
  backup: BackupReader,
  target: Target,
  readBack: AsyncIterable<BackupRecord>,
): Promise<void> {
  const expected = new ContentMeter();
  for await (const record of backup.records()) {
    const raised = raiseTerm(record);
    expected.add(raised.kind, encodeRecord(raised));
    await target.write(raised);
  }
  await target.finish();
  const given = await namesOfBlobs(backup, target.ownBlobs);
  const found = new ContentMeter();
  for await (const record of readBack) {
    const isOwn = record.kind === "blob" && target.ownBlobs.has(record.sha256) &&
      !given.has(record.sha256);
    if (!isOwn) found.add(record.kind, encodeRecord(record));
  }
  const [before, after] = [expected.result(), found.result()];
  if (JSON.stringify(before) !== JSON.stringify(after)) throw differs("store", before, after);
}

/** Which of these blobs the backup holds too. */
async function namesOfBlobs(
  backup: BackupReader,
  among: ReadonlySet<string>,
): Promise<Set<string>> {
  const found = new Set<string>();
  if (among.size === 0) return found;
  for await (const record of backup.records()) {
    if (record.kind === "blob" && among.has(record.sha256)) found.add(record.sha256);
  }
  return found;
}

function raiseTerm(record: BackupRecord): BackupRecord {
  const isTerm = record.kind === "partition" || record.kind === "system";
  return isTerm ? { ...record, term: record.term + TERM_RAISE } : record;
}

/** The error of a copy that is not what was copied. */
export function differs(
  what: "store" | "backup",
  expected: Content,
  found: Content,
): InvariantError {
  const wrong = Object.keys({ ...expected.digests, ...found.digests })
    .filter((kind) => {
      const one = kind as keyof Content["digests"];
      return expected.digests[one] !== found.digests[one];
    });
  return new InvariantError("RESTORE_DIFFERS", {
    message: `Read the ${what} back and found other records of kind ${wrong.join(", ")}`,
    hint: "Nothing was left behind. Try again on another disk or server, and please report it",
    details: { kinds: wrong, expected: expected.counts, found: found.counts },
  });
}

function notEmpty(place: string, kind?: string): ConflictError {
  return new ConflictError("RESTORE_NOT_EMPTY", {
    message: `Cannot restore into "${place}": something is there${
      kind === undefined ? "" : ` (a record of kind ${kind})`
    }`,
    hint: "Name an empty place, with --data DIR or --store URL; a store is never overwritten",
    details: { place },
  });
}
