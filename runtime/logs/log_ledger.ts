/**
 * What the logs of all runs take, about: whoever writes or deletes says so in one document. Nothing
 * needs to be summed up that way.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { DocumentStore, StoredDocument } from "../../core/document_ports.ts";
import type { Json } from "../../core/json.ts";
import { logDocuments } from "./log_documents.ts";
import { LOGS } from "./log_line.ts";

/** Behind the names of all runs, which are ULIDs. */
const TOTAL = "total";
/** Documents of up to 60 KiB that are looked at at once. */
const PAGE = 100;
/** Room is made for this share at once. */
const SLACK = 0.1;

/** What a document takes, about. */
export function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Says that so many bytes have come, or gone. */
export async function addToTotal(documents: DocumentStore, bytes: number): Promise<void> {
  for (;;) {
    const found = await documents.get(LOGS, TOTAL);
    const total = Math.max(0, Number(found?.value ?? 0) + bytes);
    const ifVersion = found?.version ?? null;
    if (await documents.put(LOGS, TOTAL, total, { ifVersion }) !== null) return;
  }
}

/** Deletes what is kept of one run. */
export async function deleteRunLogs(documents: DocumentStore, runId: string): Promise<void> {
  let bytes = 0;
  for await (const { value } of logDocuments(documents, runId)) bytes += sizeOf(value);
  if (bytes === 0) return;
  await documents.deleteAll(LOGS, `${runId}/`);
  await addToTotal(documents, -bytes);
}

/**
 * Deletes the logs of the oldest runs while all together take more than `bytesMax`. Several nodes may
 * do so at once.
 */
export async function makeRoom(documents: DocumentStore, bytesMax: number): Promise<void> {
  const found = await documents.get(LOGS, TOTAL);
  const total = Number(found?.value ?? 0);
  if (total <= bytesMax) return;
  for (let excess = total - bytesMax * (1 - SLACK); excess > 0;) {
    const page = (await documents.list(LOGS, { limit: PAGE })).filter(({ key }) => key !== TOTAL);
    if (page.length === 0) {
      // What was said was wrong, for instance after a crash.
      await documents.put(LOGS, TOTAL, 0);
      return;
    }
    const bytes = await deleteOldest(documents, page, excess);
    await addToTotal(documents, -bytes);
    excess -= bytes;
  }
}

/** Deletes the runs of a page, in order, until so many bytes have gone. */
async function deleteOldest(
  documents: DocumentStore,
  page: readonly StoredDocument[],
  excess: number,
): Promise<number> {
  const runs = Map.groupBy(page, ({ key }) => key.slice(0, key.indexOf("/")));
  let bytes = 0;
  for (const [runId, found] of runs) {
    if (bytes >= excess) break;
    // Of several nodes one deletes the first document, and counts.
    if (!await documents.delete(LOGS, found[0]!.key)) continue;
    bytes += sizeOf(found[0]!.value);
    if (found.length === 1 && runs.size > 1) continue;
    for await (const { value } of logDocuments(documents, runId)) bytes += sizeOf(value);
    await documents.deleteAll(LOGS, `${runId}/`);
  }
  return bytes;
}
