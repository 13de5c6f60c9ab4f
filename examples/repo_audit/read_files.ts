/**
 * Reads the files of a batch one after the other, without ever holding the worker for long.
 *
 * @module
 */
import { resolve } from "node:path";
import type { BatchInput, FileEntry } from "./audit_types.ts";

/** One file of a batch; `bytes` is `null` when it cannot be read any more. */
export interface ReadFile {
  entry: FileEntry;
  bytes: Uint8Array<ArrayBuffer> | null;
}

/** Bytes between two pauses in which the worker answers heartbeats. */
const PAUSE_BYTES = 200_000;

/** The files of the batch in their order. */
export async function* readFiles(
  input: BatchInput,
  options: { signal?: AbortSignal; onProgress?: (done: number, path: string) => void } = {},
): AsyncGenerator<ReadFile> {
  const root = resolve(input.path);
  let sincePause = 0;
  for (const [done, entry] of input.files.entries()) {
    yield { entry, bytes: readBytes(`${root}/${entry.path}`) };
    sincePause += entry.bytes;
    if (sincePause < PAUSE_BYTES) continue;
    sincePause = 0;
    options.onProgress?.(done + 1, entry.path);
    await new Promise((resume) => setTimeout(resume, 0));
    options.signal?.throwIfAborted();
  }
}

function readBytes(path: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Deno.readFileSync(path);
  } catch {
    return null;
  }
}
