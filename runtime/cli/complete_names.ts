import { existsSync } from "node:fs";
import type { RunEntry, Store } from "../../core/ports.ts";
import { openKvStore } from "../store/kv_store.ts";
import type { StorePlace } from "../node/open_store.ts";
import { loadLate } from "./load_late.ts";

/** So many names are offered. */
const NAMES_MAX = 50;

type Listed = Pick<Store<unknown>, "runs" | "close">;

/**
 * Names that only the store knows, a line each, with words about them behind a tab: runs, newest
 * first, or workflows that ran of late. A shell asks for them while somebody waits for the cursor:
 * what cannot be read at once is not offered.
 */
export async function completeNames(kind: string, place: StorePlace): Promise<string> {
  const store = await openListed(place);
  if (store === null) return "";
  try {
    const entries = await store.runs({ limit: NAMES_MAX });
    const lines = kind === "workflow" ? workflowLines(entries) : entries.map(runLine);
    return lines.map((line) => `${line}\n`).join("");
  } finally {
    store.close();
  }
}

/** The run list of a KV file is opened without all that a node needs. */
async function openListed({ dataDir, store }: StorePlace): Promise<Listed | null> {
  const path = store === undefined
    ? `${dataDir}/denizen.kv`
    : store.startsWith("kv:")
    ? store.slice(3)
    : null;
  if (path !== null) return existsSync(path) ? await openKvStore(path) : null;
  const { openExistingStores } = await loadLate<typeof import("../node/open_store.ts")>(
    "../node/open_store.ts",
  );
  const stores = await openExistingStores({ dataDir, store }, { what: "runs", hint: "" });
  return { runs: (options) => stores.runs.runs(options), close: () => void stores.close() };
}

function runLine({ runId, workflow, status, submittedAt }: RunEntry): string {
  const at = new Date(submittedAt).toISOString().slice(0, 16).replace("T", " ");
  return `${runId}\t${workflow}, ${status}, ${at}`;
}

function workflowLines(entries: readonly RunEntry[]): string[] {
  return [...new Set(entries.map(({ workflow }) => workflow))].map((name) => `${name}\tworkflow`);
}
