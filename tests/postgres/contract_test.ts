/**
 * The contracts of the stores, on PostgreSQL: one server, a schema of its own for each test.
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
import { useSchemas } from "./schemas.ts";

const { withStores } = useSchemas<TestEvent, LogEvent>();

for (const [name, test] of Object.entries(STORE_CONTRACT)) {
  Deno.test(`PostgreSQL store: ${name}`, () => withStores(({ runs }) => test(runs)));
}

for (const [name, test] of Object.entries(ACTOR_STORE_CONTRACT)) {
  Deno.test(`PostgreSQL actor store: ${name}`, () => withStores(({ actors }) => test(actors)));
}

for (const [name, test] of Object.entries(AUDIT_STORE_CONTRACT)) {
  Deno.test(`PostgreSQL audit store: ${name}`, () => withStores(({ audit }) => test(audit)));
}

for (const [name, test] of Object.entries(CLUSTER_STORE_CONTRACT)) {
  Deno.test(`PostgreSQL cluster store: ${name}`, () => withStores(({ cluster }) => test(cluster)));
}

for (const [name, test] of Object.entries(DOCUMENT_STORE_CONTRACT)) {
  Deno.test(
    `PostgreSQL document store: ${name}`,
    () => withStores(({ documents }) => test(documents)),
  );
}

Deno.test("PostgreSQL actor store: reads what the memory store reads, after any commits", () =>
  compareWithMemory((test) => withStores(({ actors }) => test(actors)), 15));
