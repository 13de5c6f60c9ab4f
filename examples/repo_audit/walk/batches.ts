/**
 * Groups files so that each group is a task of bounded size.
 *
 * @module
 */
import type { FileEntry } from "../audit_types.ts";

/** Bounds of one batch. A single file may exceed `bytesMax`: it then has a batch of its own. */
export interface BatchLimits {
  filesMax: number;
  bytesMax: number;
}

/** Files in order, cut into batches that keep to the limits. */
export function toBatches(files: FileEntry[], limits: BatchLimits): { files: FileEntry[] }[] {
  const batches: { files: FileEntry[] }[] = [];
  let bytes = Infinity;
  for (const file of files) {
    const current = batches.at(-1);
    const fits = current && current.files.length < limits.filesMax &&
      bytes + file.bytes <= limits.bytesMax;
    if (fits) current.files.push(file);
    else batches.push({ files: [file] });
    bytes = fits ? bytes + file.bytes : file.bytes;
  }
  return batches;
}
