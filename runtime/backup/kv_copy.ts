import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { UnavailableError } from "../../core/errors.ts";

/** What SQLite keeps beside a database. */
const COMPANIONS = ["", "-wal", "-shm", "-journal"];
const BUSY_TIMEOUT_MS = 60_000;

/**
 * Gives `work` a copy of a KV file as it stood at one instant, while others go on to write to it: in
 * WAL mode the reader of a transaction (`VACUUM INTO` is one) blocks no writer and sees none
 * (https://www.sqlite.org/lang_vacuum.html).
 *
 * @param copyPath where the copy is for that time; it takes the room of the file
 * @throws {UnavailableError} `STORE_UNAVAILABLE`
 */
export async function withKvCopy<T>(
  path: string,
  copyPath: string,
  work: (kv: Deno.Kv) => Promise<T>,
): Promise<T> {
  try {
    copy(path, copyPath);
    const kv = await Deno.openKv(copyPath);
    try {
      return await work(kv);
    } finally {
      kv.close();
    }
  } finally {
    await removeDatabase(copyPath);
  }
}

function copy(path: string, copyPath: string): void {
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      db.exec(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
      db.prepare("vacuum into ?").run(copyPath);
    } finally {
      db.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const isFull = /full|disk I\/O/.test(reason);
    throw new UnavailableError(isFull ? "FILE_NOT_WRITTEN" : "STORE_UNAVAILABLE", {
      message: `Cannot copy the store "${path}" to "${copyPath}": ${reason}`,
      hint: "A backup needs room for a copy of the store beside it for a while",
      cause,
    });
  }
}

/** Moves all into the database file itself, which nobody else has open. */
export function settleDatabase(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("pragma busy_timeout = 10000; pragma wal_checkpoint(truncate)");
  } finally {
    db.close();
  }
}

export async function removeDatabase(path: string): Promise<void> {
  for (const end of COMPANIONS) await rm(`${path}${end}`, { force: true });
}

/** Whether anything of a database is there. */
export function hasDatabase(path: string): boolean {
  return COMPANIONS.some((end) => existsSync(`${path}${end}`));
}
