/**
 * What every measurement stands on: a fresh store, a cluster, a client, and nothing left behind.
 *
 * @module
 */
import { join } from "node:path";
import type { JsonObject } from "../../core/json.ts";
import type { History } from "./checks/mod.ts";
import { Cluster, openSubmit, type Submit } from "./cluster/mod.ts";
import { type LedgerProcess, startLedger } from "./ledger/ledger_process.ts";
import { startStore, type StoreKind, type StoreUnderTest, type StoreWish } from "./stores/mod.ts";

/** What is wanted. */
export interface BedOptions {
  storeKind: StoreKind;
  wish: StoreWish;
  nodes: number;
  electionTimeoutMs: number;
  environment: (nodeId: string) => Record<string, string>;
  tailMs?: number;
  /** Path of the file whose runs are submitted. */
  workflow: string;
  inputOf: (seed: number, ledger: string) => JsonObject;
}

/** What is there while `work` goes on. */
export interface Bed {
  cluster: Cluster;
  store: StoreUnderTest;
  ledger: LedgerProcess;
  submit: Submit;
  /** For logs; gone afterwards unless `keep` is called. */
  folder: string;
  /** Leaves logs and what was seen behind. */
  keep(history: History): Promise<void>;
}

/** Makes a bed, does the work, and clears all away, whatever comes. */
export async function withBed<T>(
  options: BedOptions,
  work: (bed: Bed) => Promise<T>,
): Promise<T> {
  const { storeKind, wish, workflow, inputOf } = options;
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "denizen-chaos-" });
  let isKept = false;
  stack.defer(async () => {
    if (!isKept) await Deno.remove(folder, { recursive: true });
  });
  const store = stack.adopt(await startStore(storeKind, wish), (store) => store.stop());
  for (const [name, value] of Object.entries(store.env)) Deno.env.set(name, value);
  stack.defer(() => Object.keys(store.env).forEach((name) => Deno.env.delete(name)));
  const ledger = stack.adopt(await startLedger(), (ledger) => ledger.stop());
  const cluster = stack.adopt(
    await Cluster.start({ ...options, folder, storeUrl: store.url }),
    (cluster) => cluster.stop(),
  );
  const place = { dataDir: join(folder, "client"), store: store.url };
  const { submit } = stack.use(
    await openSubmit({ place, workflow, inputOf: (seed) => inputOf(seed, ledger.address) }),
  );
  const keep = async ({ acknowledged, journal, effects }: History) => {
    isKept = true;
    const seen = { acknowledged: [...acknowledged], journal, effects };
    await Deno.writeTextFile(join(folder, "history.json"), JSON.stringify(seen));
  };
  return await work({ cluster, store, ledger, submit, folder, keep });
}
