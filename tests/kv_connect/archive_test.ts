/**
 * The contract of the archive, on a KV Connect server.
 *
 * @module
 */
import {
  ARCHIVE_CONTRACT,
  type TestArchive,
  type TestEvent,
} from "../../runtime/store/archive_contract.ts";
import { openKvArchive } from "../../runtime/store/kv_archive.ts";
import { openKvConnect } from "../../runtime/store/kv_connect/mod.ts";
import { KvStore } from "../../runtime/store/kv_store.ts";
import { useDenokv, withServer } from "./use_denokv.ts";

const test = useDenokv();

function withArchive(work: (test: TestArchive) => Promise<void>): Promise<void> {
  return withServer(async ({ url, token }) => {
    const kv = await openKvConnect(url, { token });
    const store = new KvStore<TestEvent>(kv);
    const reopen = () =>
      openKvArchive<TestEvent>(kv, { getBlob: (sha256) => store.getBlob(sha256) });
    try {
      await work({ store, archive: reopen(), reopen });
    } finally {
      await kv.end();
    }
  });
}

for (const [name, work] of Object.entries(ARCHIVE_CONTRACT)) {
  test(`KV Connect archive: ${name}`, () => withArchive(work));
}
