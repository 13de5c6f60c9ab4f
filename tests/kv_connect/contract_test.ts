/**
 * The contracts of the stores, on a KV Connect server: a database of its own for each test.
 *
 * @module
 */
import {
  ACTOR_STORE_CONTRACT,
  compareWithMemory,
  type TestEvent as LogEvent,
} from "../../runtime/store/actor_store_contract.ts";
import { AUDIT_STORE_CONTRACT } from "../../runtime/store/audit_store_contract.ts";
import { CLUSTER_STORE_CONTRACT } from "../../runtime/store/cluster_store_contract.ts";
import { DOCUMENT_STORE_CONTRACT } from "../../runtime/store/document_store_contract.ts";
import { STORE_CONTRACT, type TestEvent } from "../../runtime/store/store_contract.ts";
import { DOCUMENT_BLOBS } from "../blobs/document_blobs.ts";
import { findDenokv } from "./denokv_server.ts";
import { useDenokv, withStores } from "./use_denokv.ts";

const test = useDenokv();

if (findDenokv() === null) {
  Deno.test.ignore("KV Connect: no denokv here; deno task test:kv-connect builds it", () => {});
}

for (const [name, work] of Object.entries(STORE_CONTRACT)) {
  test(`KV Connect store: ${name}`, () => withStores<TestEvent, never>(({ runs }) => work(runs)));
}

for (const [name, work] of Object.entries(ACTOR_STORE_CONTRACT)) {
  test(
    `KV Connect actor store: ${name}`,
    () => withStores<never, LogEvent>(({ actors }) => work(actors)),
  );
}

for (const [name, work] of Object.entries(AUDIT_STORE_CONTRACT)) {
  test(`KV Connect audit store: ${name}`, () => withStores(({ audit }) => work(audit)));
}

for (const [name, work] of Object.entries(CLUSTER_STORE_CONTRACT)) {
  test(`KV Connect cluster store: ${name}`, () => withStores(({ cluster }) => work(cluster)));
}

for (const [name, work] of Object.entries(DOCUMENT_STORE_CONTRACT)) {
  test(
    `KV Connect document store: ${name}`,
    () => withStores(({ documents }) => work(documents)),
  );
}

for (const [name, work] of Object.entries(DOCUMENT_BLOBS)) {
  test(`KV Connect: ${name}`, () => withStores((stores) => work(stores)));
}

test("KV Connect actor store: reads what the memory store reads, after any commits", () =>
  compareWithMemory((work) => withStores<never, LogEvent>(({ actors }) => work(actors)), 8));
