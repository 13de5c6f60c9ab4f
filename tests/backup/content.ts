import { join } from "node:path";
import { backUp, type BackupSummary } from "../../runtime/backup/mod.ts";
import { TERM_RAISE } from "../../runtime/backup/restore.ts";
import { openBackup } from "../../runtime/backup/backup_file.ts";
import type { BackupRecord } from "../../runtime/backup/backup_record.ts";
import { openStores, type StorePlace } from "../../runtime/node/open_store.ts";
import { fillStore } from "./full_store.ts";

/** Makes a folder for the time of `work`. */
export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-backup-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

export async function filled(place: StorePlace): Promise<StorePlace> {
  const stores = await openStores(place);
  await fillStore(stores);
  await stores.close();
  return place;
}

/** A backup of a place, in a file of its own. */
export function backUpTo(folder: string, place: StorePlace): Promise<BackupSummary> {
  return backUp(place, join(folder, `${crypto.randomUUID()}.backup`));
}

/** Every record of a backup, with the terms that it had after `raises` restores. */
export async function recordsOf(file: string, raises = 0): Promise<BackupRecord[]> {
  const { records } = await openBackup(file);
  const all = await Array.fromAsync(records());
  return all.map((record) =>
    record.kind === "partition" || record.kind === "system"
      ? { ...record, term: record.term + raises * TERM_RAISE }
      : record
  );
}
