/**
 * A workflow that came as text, laid out as files, so that it is loaded as any other.
 *
 * @module
 */
import { isPlainPath } from "../cells/plain_path.ts";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, posix, resolve } from "node:path";
import { isInside } from "../../actors/permissions.ts";
import { isSystemFile, parseSystem } from "../../actors/system/mod.ts";
import { DenizenError, InvalidInputError, type Issue } from "../../core/errors.ts";
import type { ParsedWorkflow } from "../../workflows/parse.ts";
import { InvalidWorkflowError, type LoadedWorkflow, parseAside } from "../node/mod.ts";
import type { WorkflowSource } from "./registered_workflow.ts";

/** Name of the workflow file among its files, and in what is said of it. */
export const WORKFLOW_FILE = "workflow.yaml";

const FILES_MAX = 500;
const FILES_CHARS_MAX = 8 * 1024 * 1024;
/** Folders that a node left behind when it was killed. */
const STALE_MS = 3_600_000;

/** Reads a workflow file as `DenizenNode.load` does. */
export type LoadFile = (file: string) => Promise<LoadedWorkflow>;

/** The text of the workflow file: an object is written as JSON, which is YAML as well. */
export function textOf({ source }: WorkflowSource): string {
  return typeof source === "string" ? source : JSON.stringify(source, null, 2);
}

/** Names text and files by content. */
export function digestOf(workflow: WorkflowSource): string {
  const files = Object.entries(workflow.files ?? {}).sort(([a], [b]) => a < b ? -1 : 1);
  return createHash("sha256").update(JSON.stringify([textOf(workflow), files])).digest("hex");
}

/** Whether all that it is made of came with it: nothing else decides what it becomes. */
export function isSelfContained({ definition }: LoadedWorkflow): boolean {
  return definition.agents.every(({ module }) => !isAbsolute(module)) &&
    (definition.system === undefined || !isAbsolute(definition.system));
}

/** Loads workflows from text. */
export class SourceFolder {
  readonly #dataDir: string;
  readonly #load: LoadFile;

  /** @param dataDir state directory; each workflow gets a folder in it for as long as it is loaded */
  constructor(dataDir: string, load: LoadFile) {
    this.#dataDir = resolve(dataDir);
    this.#load = load;
  }

  /**
   * Checks and bundles a workflow.
   *
   * @throws {InvalidWorkflowError} `INVALID_WORKFLOW` with every issue found
   * @throws {InvalidInputError} `WORKFLOW_FILES_WRONG`
   */
  async load(workflow: WorkflowSource): Promise<LoadedWorkflow> {
    const text = textOf(workflow);
    const files = checkFiles(workflow.files ?? {}, text);
    await refuseLeaving(text, files);
    const parent = join(this.#dataDir, "registry");
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(parent, "source-"));
    const since = Date.now();
    try {
      await layOut(folder, new Map([...files, [WORKFLOW_FILE, text]]));
      const loaded = await this.#load(join(folder, WORKFLOW_FILE));
      return { ...loaded, file: WORKFLOW_FILE, warnings: loaded.warnings.map(relative(folder)) };
    } catch (error) {
      throw withoutFolder(error, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
      await this.#forgetBundles(folder, since);
    }
  }

  /** Removes what nodes left that were killed while they loaded something. */
  async tidyUp(): Promise<void> {
    const parent = join(this.#dataDir, "registry");
    const names = await readdir(parent).catch((): string[] => []);
    for (const name of names) {
      const info = await stat(join(parent, name)).catch(() => null);
      if (info === null || Date.now() - info.mtimeMs < STALE_MS) continue;
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }

  /** Bundles are cached by the place of their file, and the place is no more. */
  async #forgetBundles(folder: string, since: number): Promise<void> {
    const cache = join(this.#dataDir, "bundles");
    for (const name of await readdir(cache).catch((): string[] => [])) {
      const path = join(cache, name);
      const info = await stat(path).catch(() => null);
      if (info === null || info.mtimeMs < since - 1_000) continue;
      const text = await readFile(path, "utf8").catch(() => "");
      if (text.includes(JSON.stringify(`${folder}/`).slice(1, -1))) await rm(path, { force: true });
    }
  }
}

/** Name and version that the text states, where it can be read at all. */
export async function nameOf(
  workflow: WorkflowSource,
): Promise<{ name: string | null; version: string | null }> {
  const { definition } = await parseAside(textOf(workflow), { file: WORKFLOW_FILE });
  return { name: definition?.name ?? null, version: definition?.version ?? null };
}

// --- files ---

function checkFiles(files: Record<string, string>, text: string): Map<string, string> {
  const checked = new Map<string, string>();
  const entries = Object.entries(files);
  if (entries.length > FILES_MAX) throw filesWrong(`there are more than ${FILES_MAX}`);
  let chars = 0;
  for (const [path, content] of entries) {
    if (!isPlainPath(path)) throw filesWrong(`"${path}" is no path below the workflow file`);
    chars += content.length;
    if (path === WORKFLOW_FILE && content !== text) {
      throw filesWrong(`"${WORKFLOW_FILE}" is where the workflow itself stands`);
    }
    checked.set(path, content);
  }
  if (chars > FILES_CHARS_MAX) {
    throw filesWrong(`they have more than ${FILES_CHARS_MAX} characters`);
  }
  const folder = entries.find(([path]) => entries.some(([other]) => other.startsWith(`${path}/`)));
  if (folder !== undefined) throw filesWrong(`"${folder[0]}" is a file and a folder`);
  return checked;
}

function filesWrong(why: string): InvalidInputError {
  return new InvalidInputError("WORKFLOW_FILES_WRONG", {
    message: `Cannot take the files of the workflow: ${why}`,
    hint: 'Name each file by its path relative to the workflow file, such as "agents/walker.ts"',
  });
}

async function layOut(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, text] of files) {
    await mkdir(join(folder, dirname(path)), { recursive: true, mode: 0o700 });
    await writeFile(join(folder, path), text, { mode: 0o600 });
  }
}

// --- modules ---

/**
 * Refuses a workflow that names files outside its folder, before anything is read. To parse a long
 * file takes a second, and it is parsed again when it is loaded: most need no look.
 */
async function refuseLeaving(text: string, files: ReadonlyMap<string, string>): Promise<void> {
  const texts = text.includes("system") ? [text, ...files.values()] : [text];
  // Two dots, or an escape that may stand for them.
  if (!texts.some((one) => /\.\.|\\[xuU]/.test(one))) return;
  const parsed = await parseAside(text, { file: WORKFLOW_FILE });
  const issues = moduleIssues(parsed, files);
  if (issues.length > 0) {
    throw new InvalidWorkflowError(WORKFLOW_FILE, [...parsed.issues, ...issues]);
  }
}

/** Relative paths that leave the folder: what they name is no part of the workflow. */
function moduleIssues(parsed: ParsedWorkflow, files: ReadonlyMap<string, string>): Issue[] {
  const { definition, placeOf } = parsed;
  if (definition === null) return [];
  const named = definition.agents.map(({ name, module }) => ({
    path: module,
    pointer: `/agents/${name}/module`,
  }));
  if (definition.system !== undefined) {
    named.push({ path: definition.system, pointer: "/system" });
    for (const path of actorModules(definition.system, files)) {
      named.push({ path, pointer: "/system" });
    }
  }
  return named.filter(({ path }) => leaves(path)).map(({ path, pointer }) => ({
    code: "WORKFLOW_FILES_WRONG",
    severity: "error",
    message: `Cannot use "${path}": it leaves the folder of the workflow`,
    hint: "Send the file along and name it by a path below the workflow file",
    file: WORKFLOW_FILE,
    ...placeOf(pointer),
    pointer,
  }));
}

function leaves(path: string): boolean {
  return !isAbsolute(path) && !isInside("/folder", resolve("/folder", path));
}

/** Modules of an actor system that came along, relative to the workflow file. */
function actorModules(system: string, files: ReadonlyMap<string, string>): string[] {
  const text = files.get(posix.normalize(system));
  if (text === undefined || !isSystemFile(text)) return [];
  const { definition } = parseSystem(text, system);
  return (definition?.actors ?? []).map(({ module }) =>
    isAbsolute(module) ? module : posix.join(posix.dirname(system), module)
  );
}

// --- what is said of it ---

/** Nobody who sent text is helped by the place where it lay for a moment. */
function withoutFolder(error: unknown, folder: string): unknown {
  if (error instanceof InvalidWorkflowError) {
    return new InvalidWorkflowError(WORKFLOW_FILE, error.issues.map(relative(folder)));
  }
  if (error instanceof DenizenError && error.message.includes(folder)) {
    error.message = strip(error.message, folder);
  }
  return error;
}

function relative(folder: string): (issue: Issue) => Issue {
  return (issue) => ({
    ...issue,
    file: fileIn(folder, issue.file),
    message: strip(issue.message, folder),
    hint: strip(issue.hint, folder),
  });
}

/** Issues name files relative to the process's folder, or as they were given. */
function fileIn(folder: string, file: string): string {
  const path = resolve(file);
  return isInside(folder, path) && path !== folder ? path.slice(folder.length + 1) : file;
}

function strip(text: string, folder: string): string {
  return text.replaceAll(`${folder}/`, "").replaceAll(folder, ".");
}
