import { Buffer } from "node:buffer";
import { stat } from "node:fs/promises";
import type { StoredSize, StoreSizes } from "../../core/archive_ports.ts";
import type { RunEntry } from "../../core/ports.ts";
import { KvBlobs } from "./kv_blobs.ts";
import { retryWhileLocked } from "./locked_retry.ts";

/** First parts of keys of actor systems. */
const ACTOR_KINDS = [
  "system",
  "log",
  "log-mark",
  "state",
  "letter",
  "topic",
  "topic-mark",
  "tree",
  "wish",
  "parts",
  "part",
];

/** Values that are read at once. */
const PAGE = 100;

/** What takes room in a KV file, or behind a KV Connect server: `path` is `null` then. */
export async function measureKv(kv: Deno.Kv, path: string | null): Promise<StoreSizes> {
  const workflowOf = new Map<string, string>();
  const workflows = new Map<string, { runs: number; historyBytes: number }>();
  const runs = await sizeOf(kv, ["run"], ({ value }) => {
    const { runId, workflow } = value as RunEntry;
    workflowOf.set(runId, workflow);
    workflows.getOrInsertComputed(workflow, () => ({ runs: 0, historyBytes: 0 })).runs++;
  });
  const histories = await sizeOf(kv, ["history"], ({ key, value }) => {
    const found = workflows.get(workflowOf.get(key[1] as string) ?? "");
    if (found !== undefined) found.historyBytes += bytesOf(value);
  });
  return {
    journal: await sizeOf(kv, ["journal"]),
    histories,
    snapshots: await sizeOf(kv, ["snapshot", "snapshot-part"]),
    runs,
    inbox: await sizeOf(kv, ["inbox"]),
    blobs: await sizeOfBlobs(kv),
    actors: await sizeOf(kv, ACTOR_KINDS),
    audit: await sizeOf(kv, ["audit"]),
    documents: await sizeOf(kv, ["document"]),
    workflows: [...workflows].map(([workflow, size]) => ({ workflow, ...size })),
    diskBytes: path === null ? null : await fileBytes(path),
  };
}

/** One that is in parts is counted once. */
async function sizeOfBlobs(kv: Deno.Kv): Promise<StoredSize> {
  const size = { count: 0, bytes: 0 };
  for await (const { bytes } of new KvBlobs(kv).heads()) {
    size.count++;
    size.bytes += bytes;
  }
  return size;
}

async function sizeOf(
  kv: Deno.Kv,
  kinds: readonly string[],
  see?: (entry: Deno.KvEntry<unknown>) => void,
): Promise<StoredSize> {
  const size = { count: 0, bytes: 0 };
  for (const kind of kinds) {
    for await (const entry of entriesOf(kv, kind)) {
      size.count++;
      size.bytes += bytesOf(entry.value);
      see?.(entry);
    }
  }
  return size;
}

async function* entriesOf(kv: Deno.Kv, kind: string): AsyncIterable<Deno.KvEntry<unknown>> {
  let start: Deno.KvKey | undefined;
  for (;;) {
    const selector = start === undefined ? { prefix: [kind] } : { prefix: [kind], start };
    const page = await retryWhileLocked(() =>
      Array.fromAsync(kv.list(selector, { limit: PAGE, batchSize: PAGE }))
    );
    yield* page;
    if (page.length < PAGE) return;
    // The first key that sorts behind the last one: no bytes come before everything else.
    start = [...page.at(-1)!.key, new Uint8Array()];
  }
}

async function fileBytes(path: string): Promise<number> {
  const files = [path, `${path}-wal`, `${path}-shm`];
  const sizes = files.map((file) => stat(file).then(({ size }) => size, () => 0));
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** About what a value takes: its bytes and texts, eight bytes for all else. */
function bytesOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce((sum: number, member) => sum + bytesOf(member), 0);
}
