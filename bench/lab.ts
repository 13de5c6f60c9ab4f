/**
 * Where a case is measured: a folder on the project's own disk, and the raw limits beside it.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type DenizenNode, type LoadedWorkflow, openNode } from "../runtime/node/mod.ts";
import { RawEcho } from "./raw_echo.ts";
import { RawStore } from "./raw_store.ts";

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What a case gets. */
export interface Lab {
  /** Fewer rounds: shows that it works, not how fast it is. */
  isQuick: boolean;
  /** Empty, and on the same file system as the project. */
  dir: string;
  store: RawStore;
  echo: RawEcho;
  /** Every raw figure that any case took, by row name: for rows of their own. */
  raw: Map<string, number[]>;
}

/** Runs `use` in a lab that is taken down afterwards. */
export async function withLab<T>(isQuick: boolean, use: (lab: Lab) => Promise<T>): Promise<T> {
  return await withFolder(async (dir) => {
    const store = await RawStore.open(`${dir}/raw.kv`);
    const echo = await RawEcho.open(dir);
    try {
      return await use({ isQuick, dir, store, echo, raw: new Map() });
    } finally {
      await echo.close();
      store.close();
    }
  });
}

/** Runs `use` with an empty folder that is removed afterwards. */
export async function withFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  // Not in the system's folder for temporary files: that may be memory, where a commit is free.
  await Deno.mkdir(`${ROOT}/.denizen`, { recursive: true });
  const dir = await Deno.makeTempDir({ dir: `${ROOT}/.denizen`, prefix: "bench-" });
  try {
    return await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Notes raw samples under a row of their own and gives them back. */
export function note(lab: Lab, row: string, samples: number[]): number[] {
  const known = lab.raw.get(row);
  if (known === undefined) lab.raw.set(row, [...samples]);
  else known.push(...samples);
  return samples;
}

/** Runs `use` with a node of its own and a workflow of `bench/workflows` loaded into it. */
export async function withWorkflow<T>(
  lab: Lab,
  name: string,
  use: (node: DenizenNode, workflow: LoadedWorkflow) => Promise<T>,
): Promise<T> {
  const node = await openNode({ dataDir: await Deno.makeTempDir({ dir: lab.dir }) });
  try {
    return await use(node, await node.load(workflowFile(name)));
  } finally {
    await node.close();
  }
}

/** Path of a workflow of `bench/workflows`. */
export function workflowFile(name: string): string {
  return fileURLToPath(new URL(`workflows/${name}.yaml`, import.meta.url));
}

/** Ends the benchmark when a run went wrong: its time would mean nothing. */
export function assertCompleted(view: { status: string; error?: unknown }): void {
  if (view.status === "completed") return;
  throw new Error(`A measured run ended as ${view.status}: ${JSON.stringify(view.error)}`);
}
