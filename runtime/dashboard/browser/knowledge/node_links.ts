import type { KnowledgeNode } from "../api/mod.ts";
import { href, path } from "../navigation/address.ts";

/** A page of the dashboard that tells more of a node. */
export interface NodeLink {
  to: string;
  text: string;
}

/** Pages about what a node stands for, as far as its id names them. */
export function linksOf({ id, kind }: Pick<KnowledgeNode, "id" | "kind">): NodeLink[] {
  const name = id.slice(kind.length + 1);
  if (kind === "agent") return [{ to: agentPage(name), text: "Open the agent" }];
  if (kind !== "solution") return [];
  const [runId, task, index] = name.split("/");
  if (runId === undefined || task === undefined) return [];
  const taskId = index === undefined || index === "0" ? task : `${task}[${index}]`;
  return [{ to: href(path`/runs/${runId}`, { task: taskId }), text: "Open its task" }];
}

/** Of `name@version`, or of `workflow/name`. */
function agentPage(ref: string): string {
  const at = ref.indexOf("@");
  if (at > 0) return href(path`/agents/${ref.slice(0, at)}/${ref.slice(at + 1)}`);
  const slash = ref.indexOf("/");
  return href(path`/agents/${ref.slice(slash + 1)}`, { workflow: ref.slice(0, slash) });
}
