import type { StoredSize, StoreSizes } from "../../core/archive_ports.ts";
import { collectAllBlobs } from "../archive/collect_blobs.ts";
import { openExistingStores, type Stores } from "../node/open_store.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { plainText } from "./plain_text.ts";
import { requireFolder } from "./require_folder.ts";

const MISSING = {
  what: "store",
  hint: "Name the state directory with --data DIR, or the store with --store URL",
};

async function withStores<T>(
  { dataDir, store }: Invocation,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  await requireFolder(dataDir);
  const stores = await openExistingStores({ dataDir, store }, MISSING);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

/** `store sizes`. */
export async function sizes(invocation: Invocation): Promise<number> {
  const found = await withStores(invocation, ({ archive }) => archive.sizes());
  const { terminal, isJson } = invocation;
  terminal.out(isJson ? `${JSON.stringify(found)}\n` : sizesText(found));
  return EXIT.completed;
}

function sizesText({ workflows, diskBytes, ...kinds }: StoreSizes): string {
  const rows = Object.entries<StoredSize>(kinds)
    .map(([kind, { count, bytes }]) => [kind, String(count), sizeText(bytes)]);
  const table = columns([["", "count", "size"], ...rows]);
  const byWorkflow = workflows.map(({ workflow, runs, historyBytes }) => [
    plainText(workflow),
    String(runs),
    sizeText(historyBytes),
  ]);
  const list = workflows.length === 0
    ? ""
    : `\n${columns([["workflow", "runs", "histories"], ...byWorkflow])}`;
  return `${table}${list}${diskBytes === null ? "" : `\non disk ${sizeText(diskBytes)}\n`}`;
}

function columns(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const line = ([first, ...others]: string[]) =>
    [first!.padEnd(widths[0]!), ...others.map((text, at) => text.padStart(widths[at + 1]!))]
      .join("  ").trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

function sizeText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const kibibytes = bytes / 1_024;
  return kibibytes < 1_024
    ? `${kibibytes.toFixed(1)} KiB`
    : `${(kibibytes / 1_024).toFixed(1)} MiB`;
}

/** `store collect`. */
export async function collect(invocation: Invocation): Promise<number> {
  const found = await withStores(
    invocation,
    ({ blobs }) => collectAllBlobs(blobs, { now: Date.now }),
  );
  const { terminal, isJson } = invocation;
  const { kept, dropped } = found;
  terminal.out(
    isJson
      ? `${JSON.stringify(found)}\n`
      : `Deleted ${blobsText(dropped)}; ${blobsText(kept)} are named and stay\n`,
  );
  return EXIT.completed;
}

function blobsText({ count, bytes }: { count: number; bytes: number }): string {
  return `${count} ${count === 1 ? "blob" : "blobs"} (${sizeText(bytes)})`;
}
