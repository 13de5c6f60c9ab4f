/**
 * A workflow file with all that belongs to it: the definition, and each agent's code as one
 * content-hashed module. A run is pinned to it, whatever happens to the files afterwards.
 *
 * @module
 */
import { dirname, join } from "node:path";
import {
  InvalidSystemError,
  isSystemFile,
  type SystemDefinition,
} from "../../actors/system/mod.ts";
import type { AgentDeclaration } from "../../actors/declaration.ts";
import { DenizenError, InvalidInputError, type Issue } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { compilePlan, type Plan, type RunEvent } from "../../workflows/mod.ts";
import type { AgentSpec, WorkflowDefinition } from "../../workflows/mod.ts";
import type { ParsedWorkflow } from "../../workflows/parse.ts";
import { type LoadedSystem, loadSystem } from "../actors/load_system.ts";
import type { Bundle } from "../cells/bundle.ts";
import { packAgent, type PackedAgent } from "../assignment/mod.ts";
import { digest } from "../store/blob_digest.ts";
import { parseAside } from "./parse_aside.ts";
import { namesOf, pinAgents, type SharedAgents } from "./registered_agents.ts";
import { findUnoffered } from "./unoffered_capabilities.ts";
import { bundleModules, readSourceFile } from "../cells/bundle_modules.ts";

/** A workflow that can be submitted. */
export interface LoadedWorkflow {
  /** Path of the file, as given. */
  file: string;
  /** The file, parsed and checked. */
  definition: WorkflowDefinition;
  /** SHA-256 (hex) of `packageText`: names definition and code by content. */
  packageHash: string;
  /** JSON of {@linkcode WorkflowPackage}. */
  packageText: string;
  /** What is stored beside the code. */
  package: WorkflowPackage;
  /** Bundled modules by their SHA-256 (hex): of agents and of actors. */
  code: ReadonlyMap<string, string>;
  /** What the file's author should look at; none of it refuses the file. */
  warnings: Issue[];
}

/** What is stored of a workflow beside its code. */
export interface WorkflowPackage {
  /** The file, parsed and checked. */
  definition: WorkflowDefinition;
  /** By agent name: SHA-256 (hex) of its code and, where a task asks for one, its capabilities. */
  agents: Record<string, PackedAgent>;
  /** The actor system that the file names. */
  system?: SystemPackage;
}

/** What is stored of an actor system beside the code. */
export interface SystemPackage {
  /** Path of its file, as the workflow file names it. */
  file: string;
  /** The file, parsed and checked. */
  definition: SystemDefinition;
  /** By the actor's name: SHA-256 (hex) of its code. */
  code: Record<string, string>;
}

/** A workflow file that cannot run, with everything that is wrong with it. */
export class InvalidWorkflowError extends InvalidInputError {
  /** Errors and warnings by position. */
  readonly issues: Issue[];

  /** An error that counts the errors among the issues. */
  constructor(file: string, issues: Issue[]) {
    const errors = issues.filter((issue) => issue.severity === "error");
    super("INVALID_WORKFLOW", {
      message: `Workflow file "${file}" has ${errors.length} error${
        errors.length === 1 ? "" : "s"
      }`,
      hint: "Mend the places listed, then check with: deno task validate FILE",
      details: { issues: errors.length },
    });
    this.issues = issues;
  }
}

/** What tells what an agent's code says of itself. Asked only when a task names a capability. */
export type Describe = (
  agent: AgentSpec,
  code: string,
  codeHash: string,
) => Promise<AgentDeclaration | null>;

/** Options of {@linkcode loadWorkflow}. */
export interface LoadOptions {
  cacheDir: string;
  describe: Describe;
  foreign?: "refuse" | "defer";
  /** Registered agents; asked only where the file names an agent that it has not. */
  registered?: () => Promise<SharedAgents | null>;
  /**
   * Capabilities of registered agents, for warnings; asked only where a task names one that no code
   * of the file's agents does.
   */
  offered?: () => Promise<ReadonlySet<string> | null>;
}

/** Names that the file has not are those of registered agents: they are pinned to a version. */
async function parseWithAgents(
  text: string,
  file: string,
  { registered }: LoadOptions,
): Promise<{ parsed: ParsedWorkflow; definition: WorkflowDefinition }> {
  const alone = await parseAside(text, { file });
  const isMissing = alone.issues.some(({ code }) => code === "UNKNOWN_AGENT");
  const roster = isMissing ? await registered?.() ?? null : null;
  const parsed = roster === null
    ? alone
    : await parseAside(text, { file, registeredAgents: namesOf(roster) });
  const { definition, issues } = parsed;
  if (definition === null || issues.some(({ severity }) => severity === "error")) {
    throw new InvalidWorkflowError(file, issues);
  }
  return { parsed, definition: roster === null ? definition : pinAgents(definition, roster) };
}

/**
 * Reads, checks and bundles a workflow file.
 *
 * @param options `cacheDir`: where bundles are kept between starts. `foreign`: what becomes of an
 *   agent's static import of a file outside its folder: `refuse` makes it an issue, `defer` leaves
 *   it to the worker's permissions, so that the attempt fails and is on the run's record
 * @throws {InvalidWorkflowError} with every issue found
 * @throws {InvalidInputError} `FILE_KIND_WRONG` when it is an actor system file
 */
export async function loadWorkflow(
  file: string,
  options: LoadOptions,
): Promise<LoadedWorkflow> {
  const text = await readSourceFile(file, "workflow file");
  if (isSystemFile(text)) throw isSystem(file);
  const { parsed, definition } = await parseWithAgents(text, file, options);
  const bundles = await bundleAgents(definition, file, parsed, options);
  const system = await loadSystemOf(definition, file, parsed, options);
  const needsCapabilities = definition.tasks.some((task) => task.target.type === "capability");
  const agents: WorkflowPackage["agents"] = {};
  for (const spec of definition.agents) {
    const { code, hash } = bundles.get(spec.name)!;
    const declaration = needsCapabilities ? await options.describe(spec, code, hash) : null;
    agents[spec.name] = packAgent(hash, declaration);
  }
  const unoffered = options.offered === undefined ? [] : await findUnoffered({
    file,
    definition,
    code: [...bundles.values()].map(({ code }) => code),
    placeOf: parsed.placeOf,
    offered: options.offered,
  });
  const content: WorkflowPackage = { definition, agents };
  if (system !== null) content.system = packSystem(definition.system!, system);
  // Keys stay in the order of the file: a resumed run must render the same text.
  const packageText = JSON.stringify(content);
  return {
    file,
    definition,
    package: content,
    packageText,
    packageHash: await digest(new TextEncoder().encode(packageText)),
    code: new Map(
      [...bundles.values(), ...system?.bundles.values() ?? []].map(({ hash, code }) => [
        hash,
        code,
      ]),
    ),
    warnings: [...parsed.issues, ...system?.warnings ?? [], ...unoffered],
  };
}

function isSystem(file: string): InvalidInputError {
  return new InvalidInputError("FILE_KIND_WRONG", {
    message: `Cannot run "${file}" as a workflow: it is an actor system`,
    hint: `Use: deno task denizen actors run ${file}`,
  });
}

async function bundleAgents(
  definition: WorkflowDefinition,
  file: string,
  parsed: ParsedWorkflow,
  options: { cacheDir: string; foreign?: "refuse" | "defer" },
): Promise<Map<string, Bundle>> {
  const { bundles, issues } = await bundleModules(definition.agents, {
    ...options,
    file,
    section: "agents",
    placeOf: parsed.placeOf,
  });
  if (issues.length > 0) throw new InvalidWorkflowError(file, [...parsed.issues, ...issues]);
  return bundles;
}

/** The actor system that the file names, or `null`. */
async function loadSystemOf(
  { system }: WorkflowDefinition,
  file: string,
  { issues, placeOf }: ParsedWorkflow,
  options: { cacheDir: string; foreign?: "refuse" | "defer" },
): Promise<LoadedSystem | null> {
  if (system === undefined) return null;
  try {
    return await loadSystem(join(dirname(file), system), options);
  } catch (error) {
    if (!(error instanceof DenizenError)) throw error;
    throw new InvalidWorkflowError(file, [
      ...issues,
      ...(error instanceof InvalidSystemError ? error.issues : [{
        code: error.code,
        severity: "error" as const,
        message: error.message,
        hint: error.hint ?? "Check the path",
        file,
        ...placeOf("/system"),
        pointer: "/system",
      }]),
    ]);
  }
}

function packSystem(file: string, { definition, bundles }: LoadedSystem): SystemPackage {
  const code = definition.actors.map(({ name }): [string, string] => [
    name,
    bundles.get(name)!.hash,
  ]);
  return { file, definition, code: Object.fromEntries(code) };
}

/** The plan of a stored package. */
export async function loadPlan(store: Store<RunEvent>, packageHash: string): Promise<Plan> {
  return planOf(await loadPackage(store, packageHash), packageHash);
}

/** A package as it was stored at submission. */
export async function loadPackage(
  store: Store<RunEvent>,
  packageHash: string,
): Promise<WorkflowPackage> {
  return JSON.parse(new TextDecoder().decode(await store.getBlob(packageHash)));
}

/** The plan of a package. */
export function planOf(content: WorkflowPackage, packageHash: string): Plan {
  const offers = Object.fromEntries(
    Object.entries(content.agents).map(([name, agent]) => [name, agent.capabilities]),
  );
  return compilePlan(content.definition, { packageHash, offers });
}
