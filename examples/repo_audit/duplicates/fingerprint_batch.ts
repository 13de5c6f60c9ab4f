/**
 * Fingerprints a batch of files.
 *
 * @module
 */
import type { BatchInput, FileFingerprint } from "../audit_types.ts";
import { readFiles } from "../read_files.ts";
import { fingerprintFile } from "./fingerprint.ts";

/** Fingerprints of the files that can be read, in their order; empty files have none. */
export async function fingerprintBatch(
  input: BatchInput,
  options: { signal?: AbortSignal; onProgress?: (done: number, path: string) => void } = {},
): Promise<FileFingerprint[]> {
  const fingerprints: FileFingerprint[] = [];
  for await (const { entry, bytes } of readFiles(input, options)) {
    if (!bytes || bytes.length === 0) continue;
    fingerprints.push(await fingerprintFile(entry.path, entry.language, bytes));
  }
  return fingerprints;
}
