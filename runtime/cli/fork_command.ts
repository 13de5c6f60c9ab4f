/**
 * `runs fork ID`: a new run of the same definition and code, with other input.
 *
 * @module
 */
import type { Json, JsonObject } from "../../core/json.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import type { AcceptedRun } from "../control/mod.ts";
import type { ApiClient } from "./api/mod.ts";
import type { Invocation } from "./command.ts";
import { followRuns } from "./follow_runs.ts";
import { tellRuns } from "./run_command.ts";
import { readRunInput } from "./run_input.ts";
import { openRuns, viewOf } from "./open_runs.ts";
import { withServerOrStores } from "./with_server.ts";

type Submitted = RunEvent & { type: "RunSubmitted" };

/** Through a server where one is; else this process does the work. */
export async function fork(invocation: Invocation): Promise<number> {
  const { input, submitted } = await readRun(invocation);
  const { texts, text } = invocation;
  const changes = await readRunInput(texts("input"), text("input-file"), schemaLike(input));
  const there = await withServerOrStores<number | null>(invocation, {
    server: (api) => forkAtServer(api, changes, invocation),
    stores: () => Promise.resolve(null),
  });
  return there ?? await forkHere(submitted, changes, invocation);
}

/** The run that is forked, as it began. */
async function readRun(
  invocation: Invocation,
): Promise<{ input: JsonObject; submitted: Submitted | null }> {
  const runId = invocation.positionals[0]!;
  const reader = await openRuns(invocation);
  try {
    const { input } = await viewOf(reader, runId);
    // A run that no node has begun has no event yet: then a node lives, or will.
    const { value } = await reader.events(runId)[Symbol.asyncIterator]().next();
    return {
      input: input as JsonObject,
      submitted: value?.event.type === "RunSubmitted" ? value.event : null,
    };
  } finally {
    reader.close();
  }
}

/**
 * A schema for {@linkcode readRunInput}: values are read as the run's own input has them, for it
 * holds the defaults too.
 */
function schemaLike(input: JsonObject): JsonObject {
  const properties = Object.entries(input).map(([key, value]) => [key, shapeOf(value)]);
  return { type: "object", properties: Object.fromEntries(properties) };
}

function shapeOf(value: Json): JsonObject {
  if (!Array.isArray(value)) return { type: value === null ? "null" : typeof value };
  return { type: "array", items: shapeOf(value[0] ?? "") };
}

async function forkAtServer(
  api: ApiClient,
  input: JsonObject,
  invocation: Invocation,
): Promise<number> {
  const { followAtServer } = await import("./server_runs.ts");
  const path = `/runs/${encodeURIComponent(invocation.positionals[0]!)}/fork`;
  // A server that answers too late may have begun it: asked again, it answers the same run.
  const headers = { "idempotency-key": crypto.randomUUID() };
  const accepted = await api.request("POST", path, { body: { input }, headers });
  const { runId } = accepted as unknown as AcceptedRun;
  if (!invocation.flag("quiet")) invocation.terminal.err(`Run ${runId} at ${api.url}\n`);
  return await followAtServer(api, runId, invocation);
}

async function forkHere(
  submitted: Submitted | null,
  changes: JsonObject,
  invocation: Invocation,
): Promise<number> {
  const { noNode } = await import("./resume_commands.ts");
  if (submitted === null) throw noNode([invocation.positionals[0]!]);
  const { openExistingStores } = await import("../node/open_store.ts");
  const { PackageReader } = await import("../control/package_reader.ts");
  const { dataDir, store } = invocation;
  const stores = await openExistingStores({ dataDir, store }, { what: "store", hint: "" });
  const { packageHash, workflow: name, workDir } = submitted;
  const workflow = await new PackageReader(stores.runs).loaded(packageHash, name)
    .finally(() => stores.close());
  const { tenant, tags } = submitted.origin ?? {};
  const origin = {
    ...(tenant === undefined ? {} : { tenant }),
    ...(tags === undefined ? {} : { tags }),
    parent: invocation.positionals[0]!,
  };
  const input = { ...submitted.input, ...changes };
  const followed = await followRuns(
    invocation,
    async (node) => [await node.submit(workflow, input, { workDir, origin })],
    { isShared: false },
  );
  return await tellRuns(invocation, followed);
}
