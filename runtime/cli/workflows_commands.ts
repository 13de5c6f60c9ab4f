import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import type { WorkflowDetail, WorkflowSummary, WorkflowVersion } from "../http/schemas/mod.ts";
import { type ApiClient, collectSources, type Sources } from "./api/mod.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { plainText } from "./plain_text.ts";
import { findRegistered } from "./registered_agents.ts";
import { tellWarnings } from "./run_command.ts";
import { withServer } from "./with_server.ts";

/** Hashes are shown as the registry takes them. */
const HASH_CHARS = 8;
const PAGE = 200;

/** `workflows register FILE…`. */
export async function register(invocation: Invocation): Promise<number> {
  const { positionals, terminal, isJson } = invocation;
  // All files are read before one is registered: a mistake in the last one changes nothing.
  const checked: Sources[] = [];
  for (const file of positionals) {
    const sources = await collectSources(file, {
      registered: () => findRegistered(invocation),
    });
    await tellWarnings(sources.loaded.warnings, invocation);
    checked.push(sources);
  }
  const registered = await withServer(invocation, async (api) => {
    const done: WorkflowDetail[] = [];
    for (const { source, files } of checked) {
      done.push(await ask<WorkflowDetail>(api, "POST", "/workflows", { source, files }));
    }
    return done;
  });
  const shown = registered.map(({ name, version, hash }) => ({ name, version, hash }));
  if (isJson) terminal.out(`${JSON.stringify(shown)}\n`);
  else for (const one of shown) terminal.out(`${line(one)}\n`);
  return EXIT.completed;
}

/** `workflows list`. */
export async function list(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const items = await withServer(invocation, (api) => all<WorkflowSummary>(api, "/workflows"));
  if (isJson) terminal.out(`${JSON.stringify({ items })}\n`);
  else if (items.length === 0) terminal.out("No workflows\n");
  for (const item of isJson ? [] : items) {
    const about = item.description === null ? "" : `  ${plainText(item.description)}`;
    terminal.out(`${line(item)}  ${item.tasks} ${item.tasks === 1 ? "task" : "tasks"}${about}\n`);
  }
  return EXIT.completed;
}

/** `workflows show NAME`: its file, or with `--json` all that is known. */
export async function show(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const version = invocation.text("version");
  const detail = await withServer(invocation, (api) =>
    named(api, invocation, async (path) => {
      const of = version === undefined ? "" : `/versions/${encodeURIComponent(version)}`;
      return await ask<WorkflowDetail>(api, "GET", `${path}${of}`);
    }));
  terminal.out(isJson ? `${JSON.stringify(detail)}\n` : `${detail.source.trimEnd()}\n`);
  return EXIT.completed;
}

/** `workflows versions NAME`. */
export async function versions(invocation: Invocation): Promise<number> {
  const { terminal, isJson } = invocation;
  const items = await withServer(
    invocation,
    (api) => named(api, invocation, (path) => all<WorkflowVersion>(api, `${path}/versions`)),
  );
  if (isJson) terminal.out(`${JSON.stringify({ items })}\n`);
  for (const item of isJson ? [] : items) {
    const mark = item.isLatest ? "  latest" : "";
    const at = item.registeredAt.slice(0, 19);
    terminal.out(`${line(item)}  ${at}Z  ${plainText(item.registeredBy)}${mark}\n`);
  }
  return EXIT.completed;
}

/** `workflows remove NAME`: what was read is what is removed. */
export async function remove(invocation: Invocation): Promise<number> {
  const { terminal, isJson, positionals: [name] } = invocation;
  await withServer(invocation, (api) =>
    named(api, invocation, async (path) => {
      const { etag } = await ask<WorkflowDetail>(api, "GET", path);
      await api.request("DELETE", path, { headers: { "if-match": JSON.stringify(etag) } });
    }));
  terminal.out(isJson ? `${JSON.stringify({ removed: name })}\n` : `Removed ${plainText(name!)}\n`);
  return EXIT.completed;
}

async function ask<Answer>(
  api: ApiClient,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  return await api.request(method, path, { body }) as Answer;
}

async function all<Item>(api: ApiClient, path: string): Promise<Item[]> {
  return await Array.fromAsync(api.pages(path, { limit: PAGE })) as Item[];
}

/** Does something with a workflow; where there is none of the name, the nearest one is offered. */
async function named<T>(
  api: ApiClient,
  { positionals }: Invocation,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const name = positionals[0]!;
  try {
    return await work(`/workflows/${encodeURIComponent(name)}`);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    if (error.code !== "WORKFLOW_NOT_FOUND") throw error;
    const names = (await all<WorkflowSummary>(api, "/workflows")).map((one) => one.name);
    const near = suggest(name, names);
    if (near === null) throw error;
    const { code, message, details } = error;
    throw new InvalidInputError(code, { message, hint: `Did you mean "${near}"?`, details });
  }
}

function line({ name, version, hash }: Pick<WorkflowVersion, "name" | "version" | "hash">): string {
  return `${plainText(name)}  ${plainText(version ?? "-")}  ${hash.slice(0, HASH_CHARS)}`;
}
