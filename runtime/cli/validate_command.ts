import { InvalidSystemError, isSystemFile } from "../../actors/system/mod.ts";
import { DenizenError, type Issue } from "../../core/errors.ts";
import { loadSystem } from "../actors/load_system.ts";
import { readSourceFile } from "../cells/bundle_modules.ts";
import { InvalidWorkflowError, loadWorkflow } from "../node/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { issuesText } from "./issues_text.ts";
import { painter } from "./palette.ts";
import { plainText } from "./plain_text.ts";
import { findOffered, findRegistered } from "./registered_agents.ts";
import type { Terminal } from "./terminal.ts";

/** `validate FILE…`: exit 2 when any file has an error; warnings are told and pass. */
export async function validate(invocation: Invocation): Promise<number> {
  const { positionals, terminal, isJson } = invocation;
  const found: Checked[] = [];
  const cacheDir = await Deno.makeTempDir({ prefix: "denizen-validate-" });
  try {
    for (const file of positionals) {
      found.push({ file, issues: await findIssues(file, cacheDir, invocation) });
    }
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
  const issues = found.flatMap((one) => one.issues);
  const valid = found.every(isValid);
  if (isJson) terminal.out(`${JSON.stringify({ valid, issues })}\n`);
  else await tellIssues(found, terminal);
  return valid ? EXIT.completed : EXIT.usage;
}

/** A file, with its own issues and those of the modules that it names. */
interface Checked {
  file: string;
  issues: Issue[];
}

function isValid({ issues }: Checked): boolean {
  return issues.every((issue) => issue.severity !== "error");
}

async function findIssues(
  file: string,
  cacheDir: string,
  invocation: Invocation,
): Promise<Issue[]> {
  try {
    if (isSystemFile(await readSourceFile(file, "file"))) {
      return (await loadSystem(file, { cacheDir })).warnings;
    }
    // What an agent can do is asked of its code when a run starts; here nothing runs.
    const workflow = await loadWorkflow(file, {
      cacheDir,
      describe: () => Promise.resolve(null),
      registered: () => findRegistered(invocation),
      offered: () => findOffered(invocation),
    });
    return workflow.warnings;
  } catch (error) {
    if (error instanceof InvalidWorkflowError || error instanceof InvalidSystemError) {
      return error.issues;
    }
    if (!(error instanceof DenizenError)) throw error;
    const { code, message, hint = "Check the file" } = error;
    return [{ code, severity: "error", message, hint, file, line: 1, column: 1, pointer: "" }];
  }
}

async function tellIssues(found: readonly Checked[], terminal: Terminal): Promise<void> {
  const issues = found.flatMap((one) => one.issues);
  terminal.out(await issuesText(issues, terminal.outHasColor));
  const paint = painter(terminal.errHasColor);
  for (const { file } of found.filter(isValid)) {
    terminal.err(`${paint("green", "✓")} ${plainText(file)} is valid\n`);
  }
  const errors = issues.filter((issue) => issue.severity === "error").length;
  if (errors > 0) terminal.err(`${errors} ${errors === 1 ? "error" : "errors"}\n`);
}
