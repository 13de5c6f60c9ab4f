import type { DocumentStore, StoredDocument } from "../../core/document_ports.ts";
import { LOGS } from "./log_line.ts";

/** Documents of up to 60 KiB that are read at once. */
const PAGE = 50;

/** Documents of a run, in order. @param behind only those behind this name of a line */
export async function* logDocuments(
  documents: DocumentStore,
  runId: string,
  behind?: string,
): AsyncIterable<StoredDocument> {
  const prefix = `${runId}/`;
  let after = behind === undefined ? undefined : `${prefix}${behind}`;
  for (;;) {
    const page = await documents.list(LOGS, { prefix, after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.key;
  }
}
