import {
  ACTOR_STORE_CONTRACT,
  compareWithMemory,
  type TestEvent,
  type TestStore,
} from "./actor_store_contract.ts";
import { openKvStores, openMemoryActorStore } from "./mod.ts";

async function withKvFile(test: (store: TestStore, path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const stores = await openKvStores<never, TestEvent>(`${folder}/store.kv`);
  try {
    await test(stores.actors, `${folder}/store.kv`);
  } finally {
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, test] of Object.entries(ACTOR_STORE_CONTRACT)) {
  Deno.test(`KV actor store: ${name}`, () => withKvFile(test));
  Deno.test(`memory actor store: ${name}`, () => test(openMemoryActorStore<TestEvent>()));
}

Deno.test(
  "KV actor store: reads what the memory store reads, after any commits",
  () => compareWithMemory(withKvFile, 25),
);
