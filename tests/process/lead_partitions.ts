/**
 * A node without runs: it leads partitions of a store and notes every few milliseconds which of them
 * it may work on, until it is killed. `STORE NODE NOTES TIMEOUT_MS`.
 */
import { Membership } from "../../runtime/cluster/mod.ts";
import { openKvStores } from "../../runtime/store/mod.ts";

/** What is noted: a line of JSON each. */
export interface LeadershipNote {
  /** Epoch milliseconds, read before the node looked whether it may work. */
  at: number;
  /** Partition and term, of all that it may work on. */
  leads: [partition: number, term: number][];
}

export const PARTITIONS = 8;
const EVERY_MS = 2;

if (import.meta.main) {
  const [path, nodeId, notes, timeoutMs] = Deno.args;
  const { runs, cluster } = await openKvStores(path!);
  const terms = new Map<number, number>();
  const membership = new Membership({
    runs,
    cluster,
    settings: {
      nodeId: nodeId!,
      boot: crypto.randomUUID(),
      partitions: PARTITIONS,
      electionTimeoutMs: Number(timeoutMs),
      heartbeatMs: Number(timeoutMs) / 5,
    },
    leading: {
      lead: ({ partition, term }) => Promise.resolve(void terms.set(partition, term)),
      suspend: () => {},
      resume: () => {},
      drop: (partition) => void terms.delete(partition),
      handOver: (partition) => Promise.resolve(void terms.delete(partition)),
      describe: () => ({ partitions: [...terms.keys()], runs: 0 }),
    },
    holder: { nodeId: nodeId!, host: "h", pid: Deno.pid, processStart: "" },
    url: null,
    version: "1",
    bells: [],
    onError: (error) => console.error(nodeId, error),
  });
  await membership.start();
  setInterval(() => {
    const at = Date.now();
    const leads = [...terms].filter(([partition]) => membership.mayDispatch(partition));
    Deno.writeTextFileSync(notes!, `${JSON.stringify({ at, leads })}\n`, { append: true });
  }, EVERY_MS);
}
