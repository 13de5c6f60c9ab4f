import type { DocumentStore } from "../../core/document_ports.ts";
import { DOCUMENT_STORE_CONTRACT } from "./document_store_contract.ts";
import { openKvStores, openMemoryDocumentStore } from "./mod.ts";

async function withKvFile(test: (store: DocumentStore) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  const stores = await openKvStores(`${folder}/store.kv`);
  try {
    await test(stores.documents);
  } finally {
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, test] of Object.entries(DOCUMENT_STORE_CONTRACT)) {
  Deno.test(`KV document store: ${name}`, () => withKvFile(test));
  Deno.test(`memory document store: ${name}`, () => test(openMemoryDocumentStore()));
}
