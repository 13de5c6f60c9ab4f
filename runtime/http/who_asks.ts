/**
 * Who asks, as the control plane knows them, and what they may reach.
 *
 * @module
 */
import { type Action, isNarrowed, type Principal } from "../../rules/access/mod.ts";
import { ForbiddenError, InvalidInputError } from "../../core/errors.ts";
import type { Caller, Labels, Sees } from "../control/mod.ts";
import type { Exchange } from "./app_env.ts";

/** Who asks, for the control plane. */
export function callerOf(c: Exchange): Caller {
  const { name, tenant } = c.get("principal");
  return { by: name, tenant };
}

/** What lists leave out; `undefined` for whoever sees everything. */
export function seesOf(c: Exchange): Sees | undefined {
  const principal = c.get("principal");
  if (!isNarrowed(principal)) return undefined;
  const { access } = c.env.services;
  return (labels) => access.sees(principal, labels);
}

/** Names who a list was made for: lists of those who see the same can be shared. */
export function sightOf({ tenant, workflows, tags }: Principal): string {
  return JSON.stringify([tenant, workflows, tags]);
}

/**
 * Asks for access to a run. That of another tenant is answered as one that nobody knows.
 *
 * @throws {InvalidInputError} `RUN_NOT_FOUND`
 * @throws {ForbiddenError}
 */
export async function requireRun(c: Exchange, action: Action, runId: string): Promise<Labels> {
  const { control, access } = c.env.services;
  const labels = await control.runs.labelsOf(runId);
  await hideOthers(
    () => access.authorize(c.get("principal"), action, { ...labels, name: `run:${runId}` }),
    () => runNotFound(runId),
  );
  return labels;
}

/** Whoever may not know that a thing is there hears what they would hear if it were not. */
export async function hideOthers(
  authorize: () => void | Promise<void>,
  notFound: () => Error,
): Promise<void> {
  try {
    await authorize();
  } catch (error) {
    if (error instanceof ForbiddenError && error.code === "OTHER_TENANT") throw notFound();
    throw error;
  }
}

/** As the control plane says it of a run that there is not. */
export function runNotFound(runId: string): InvalidInputError {
  return new InvalidInputError("RUN_NOT_FOUND", {
    message: `Found no run "${runId}"`,
    hint: "List the runs with: deno task denizen runs list",
    details: { runId },
  });
}
