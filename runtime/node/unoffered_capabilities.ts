/**
 * Capabilities that tasks ask for and nobody seems to offer: most are misspelt.
 *
 * @module
 */
import type { Issue } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import type { WorkflowDefinition } from "../../workflows/mod.ts";
import type { ParsedWorkflow } from "../../workflows/parse.ts";

/** Where such tasks are looked for. */
export interface UnofferedSources {
  file: string;
  definition: WorkflowDefinition;
  /** Bundled code of the file's agents: what they offer is named in it. */
  code: readonly string[];
  placeOf: ParsedWorkflow["placeOf"];
  /** Capabilities of registered agents; `null` where none can be seen. */
  offered: () => Promise<ReadonlySet<string> | null>;
}

/**
 * A warning for each task whose capability no code of the file's agents names and no registered agent
 * offers. Never an error: somebody may be registered until the run begins, or while it waits.
 */
export async function findUnoffered(
  { file, definition, code, placeOf, offered }: UnofferedSources,
): Promise<Issue[]> {
  const asked = definition.tasks.flatMap(({ id, target }) =>
    target.type !== "capability" || code.some((text) => text.includes(target.capability))
      ? []
      : [{ id, capability: target.capability }]
  );
  const known = asked.length === 0 ? null : await offered();
  if (known === null) return [];
  return asked.filter(({ capability }) => !known.has(capability)).map(({ id, capability }) => {
    const pointer = `/tasks/${id}/capability`;
    const near = suggest(capability, known);
    return {
      code: "UNKNOWN_CAPABILITY",
      severity: "warning",
      message: `Found no agent that offers the capability "${capability}"`,
      hint: near === null
        ? "Add an agent to the file, or register one before the run: it waits for one"
        : `Did you mean "${near}"?`,
      file,
      ...placeOf(pointer),
      pointer,
    };
  });
}
