import type { RunEntry } from "../../core/ports.ts";
import type { StorePlace } from "../node/open_store.ts";
import { loadLate } from "./load_late.ts";

/** So many names are offered. */
const NAMES_MAX = 50;

/**
 * Names that only the store knows, a line each, with words about them behind a tab: runs, newest
 * first, workflows that ran of late, or registered agents. A shell asks for them while somebody waits for the cursor.
 */
export async function completeNames(kind: string, place: StorePlace): Promise<string> {
  if (kind === "agent") return await agentLines(place);
  const entries = await newestRuns(place);
  const lines = kind === "workflow" ? workflowLines(entries) : entries.map(runLine);
  return lines.map((line) => `${line}\n`).join("");
}

async function newestRuns({ dataDir, store }: StorePlace): Promise<RunEntry[]> {
  if (store === undefined) return await newestOf(`${dataDir}/denizen.kv`);
  if (store.startsWith("kv:")) return await newestOf(store.slice(3));
  const { openExistingStores } = await loadLate<typeof import("../node/open_store.ts")>(
    "../node/open_store.ts",
  );
  const stores = await openExistingStores({ dataDir, store }, { what: "runs", hint: "" });
  try {
    return await stores.runs.runs({ limit: NAMES_MAX });
  } finally {
    await stores.close();
  }
}

/** What `KvStore.runs()` reads, without the modules that writing takes: they load for longer. */
async function newestOf(path: string): Promise<RunEntry[]> {
  // Opening a file that is not there would make it.
  await Deno.stat(path);
  using kv = await Deno.openKv(path);
  const options = { limit: NAMES_MAX, reverse: true };
  const found = await Array.fromAsync(kv.list<RunEntry>({ prefix: ["run"] }, options));
  return found.map(({ value }) => value);
}

async function agentLines(place: StorePlace): Promise<string> {
  const { openExistingStores } = await loadLate<typeof import("../node/open_store.ts")>(
    "../node/open_store.ts",
  );
  const { AgentRecords } = await loadLate<typeof import("../agents/agent_records.ts")>(
    "../agents/agent_records.ts",
  );
  const stores = await openExistingStores(place, { what: "agents", hint: "" });
  try {
    const heads = await new AgentRecords(stores.documents, stores.runs).heads();
    return heads.slice(0, NAMES_MAX)
      .map(({ name, version, status }) => `${name}@${version}\t${status}\n`).join("");
  } finally {
    await stores.close();
  }
}

function runLine({ runId, workflow, status, submittedAt }: RunEntry): string {
  const at = new Date(submittedAt).toISOString().slice(0, 16).replace("T", " ");
  return `${runId}\t${workflow}, ${status}, ${at}`;
}

function workflowLines(entries: readonly RunEntry[]): string[] {
  return [...new Set(entries.map(({ workflow }) => workflow))].map((name) => `${name}\tworkflow`);
}
