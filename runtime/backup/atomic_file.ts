import { access, constants, type FileHandle, link, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConflictError, UnavailableError } from "../../core/errors.ts";

/**
 * Makes a file that is there as a whole or not at all, also after a power cut.
 *
 * @param fill gets the path of a file beside it that does not exist yet; what it leaves there is
 *   made durable and gets the name `path`
 * @param options `isForced`: a file of that name is replaced
 * @throws {ConflictError} `FILE_EXISTS`
 * @throws {UnavailableError} `FILE_NOT_WRITTEN` when the system refuses it: no room, no rights
 */
export async function makeFile<T>(
  path: string,
  fill: (partPath: string) => Promise<T>,
  { isForced = false }: { isForced?: boolean } = {},
): Promise<T> {
  if (!isForced && await isThere(path)) throw exists(path);
  const part = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await access(dirname(path), constants.W_OK);
    const result = await fill(part);
    await sync(part);
    await giveName(part, path, isForced);
    await sync(dirname(path));
    return result;
  } catch (error) {
    throw refused(path, error);
  } finally {
    await rm(part, { force: true });
  }
}

/** An error of the system about a file becomes one of ours; others stay as they are. */
export function refused(path: string, error: unknown): unknown {
  const { syscall, code, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined && code === undefined) return error;
  if (!/^E[A-Z0-9]+$/.test(code ?? "")) return error;
  return new UnavailableError("FILE_NOT_WRITTEN", {
    message: `Cannot write "${path}": ${message}`,
    hint: code === "ENOSPC"
      ? "Make room on that disk, or name a file on another one; nothing was left there"
      : "Name a file in a folder that this user may write to; nothing was left there",
    details: { path, code: code ?? "" },
    cause: error,
  });
}

/** A link never replaces what came there meanwhile; some file systems have none. */
async function giveName(part: string, path: string, isForced: boolean): Promise<void> {
  if (isForced) return await rename(part, path);
  try {
    await link(part, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || await isThere(path)) throw exists(path);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
    await rename(part, path);
  }
}

async function sync(path: string): Promise<void> {
  const handle: FileHandle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

function exists(path: string): ConflictError {
  return new ConflictError("FILE_EXISTS", {
    message: `Found "${path}" there already`,
    hint: "Name another file, or replace this one with --force",
    details: { path },
  });
}
