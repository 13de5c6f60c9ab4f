import { join } from "node:path";
import process from "node:process";
import type { Cells } from "../cells/mod.ts";
import { manifestOf } from "./agents_of_run.ts";
import { type LoadedWorkflow, type LoadOptions, loadWorkflow } from "./packages.ts";

/**
 * Reads, checks and bundles a workflow file. What its agents say that they can do is asked of them in
 * cells, without any right.
 *
 * @throws {InvalidWorkflowError} `INVALID_WORKFLOW` with every issue found
 */
export function loadWithCells(
  file: string,
  { cells, dataDir, registered }: {
    cells: Cells;
    dataDir: string;
    registered?: LoadOptions["registered"];
  },
): Promise<LoadedWorkflow> {
  return loadWorkflow(file, {
    cacheDir: join(dataDir, "bundles"),
    foreign: "defer",
    registered,
    describe: async (spec, code, codeHash) => {
      const bindings = { input: {}, vars: {}, run: { id: "", name: "" } };
      const blank = { ...spec, permissions: {} };
      const manifest = await manifestOf(blank, codeHash, { bindings, workDir: process.cwd() });
      return (await cells.describe(cells.register(manifest, code))).manifest;
    },
  });
}
