import { fileURLToPath } from "node:url";
import { type ErrorData, toErrorData } from "../../core/errors.ts";
import type { WorkflowRegistry } from "../control/mod.ts";

/** What became of a workflow file that was to be registered. */
export interface Registration {
  file: string;
  /** Name of the workflow; `null` when it was refused. */
  workflow: string | null;
  /** Whether it was not there before, with this content. */
  isNew: boolean;
  error: ErrorData | null;
}

/** Workflows that ship with the program: what a new store begins with. */
export const EXAMPLES: readonly string[] = ["repo_audit/workflow.yaml", "greet/greet.yaml"].map(
  (file) => fileURLToPath(new URL(`../../examples/${file}`, import.meta.url)),
);

/** Registers files of this machine, one after the other; what is wrong with one is told of it. */
export async function registerFiles(
  workflows: WorkflowRegistry,
  files: readonly string[],
): Promise<Registration[]> {
  const registrations: Registration[] = [];
  for (const file of files) registrations.push(await register(workflows, file));
  return registrations;
}

async function register(workflows: WorkflowRegistry, file: string): Promise<Registration> {
  try {
    const { workflow, isNew } = await workflows.registerFile(file, { by: "local", tenant: null });
    return { file, workflow: workflow.name, isNew, error: null };
  } catch (error) {
    return { file, workflow: null, isNew: false, error: toErrorData(error) };
  }
}
