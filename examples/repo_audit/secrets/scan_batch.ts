/**
 * Scans a batch of files for secrets.
 *
 * @module
 */
import type { BatchInput, SecretScan } from "../audit_types.ts";
import { readFiles } from "../read_files.ts";
import { scanText } from "./scan.ts";

/** Every probable secret of the batch, masked, in the order of path, line and column. */
export async function scanBatch(
  input: BatchInput,
  options: { signal?: AbortSignal; onProgress?: (done: number, path: string) => void } = {},
): Promise<SecretScan> {
  const scan: SecretScan = { findings: [], unreadable: [] };
  for await (const { entry, bytes } of readFiles(input, options)) {
    if (!bytes) scan.unreadable.push(entry.path);
    else {
      const text = new TextDecoder().decode(bytes);
      scan.findings.push(...await scanText(text, entry.path, entry.language));
    }
  }
  return scan;
}
