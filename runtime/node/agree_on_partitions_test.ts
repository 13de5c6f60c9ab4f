import assert from "node:assert/strict";
import { SHARED_PARTITIONS_DEFAULT } from "../../core/partitions.ts";
import { openMemoryClusterStore } from "../store/mod.ts";
import { agreeOnPartitions } from "./agree_on_partitions.ts";

Deno.test("agreeOnPartitions() lets the first node of a store say how many there are", async () => {
  const store = openMemoryClusterStore();
  assert.deepEqual(await agreeOnPartitions(store, 3), { partitions: 3, isNew: true });
  assert.deepEqual(await agreeOnPartitions(store), { partitions: 3, isNew: false });
  await assert.rejects(agreeOnPartitions(store, 4), { code: "PARTITIONS_DIFFER" });
});

Deno.test("agreeOnPartitions() takes the default where nobody says", async () => {
  const { partitions } = await agreeOnPartitions(openMemoryClusterStore());
  assert.equal(partitions, SHARED_PARTITIONS_DEFAULT);
});
