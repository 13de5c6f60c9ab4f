/**
 * Parses one workflow file, for {@linkcode parseAside}.
 *
 * @module
 */
import type { WorkflowDefinition } from "../../workflows/mod.ts";
import { parseWorkflow } from "../../workflows/parse.ts";
import type { AsideAnswer, AsideRequest } from "./parse_aside.ts";

self.addEventListener("message", ({ data }: MessageEvent<AsideRequest>) => {
  const { definition, issues, placeOf } = parseWorkflow(data.text, data.options);
  const pointers = definition === null ? [] : pointersOf(definition);
  const places = new Map(pointers.map((pointer) => [pointer, placeOf(pointer)]));
  const answer: AsideAnswer = { definition, issues, places };
  self.postMessage(answer);
});

/** Of whatever is looked at again when the workflow is loaded. */
function pointersOf({ agents, tasks }: WorkflowDefinition): string[] {
  return [
    "/system",
    ...agents.map(({ name }) => `/agents/${name}/module`),
    ...tasks.filter(({ target }) => target.type === "capability")
      .map(({ id }) => `/tasks/${id}/capability`),
  ];
}
