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

/** Of `name@version`, or of `workflow/name`; a tenant's name may stand before it, with a colon. */
function agentPage(id: string): string {
  const colon = id.indexOf(":");
  const tenant = colon < 0 ? {} : { tenant: id.slice(0, colon) };
  const ref = id.slice(colon + 1);
  const at = ref.indexOf("@");
  if (at > 0) return href(path`/agents/${ref.slice(0, at)}/${ref.slice(at + 1)}`, tenant);
  const slash = ref.indexOf("/");
  return href(path`/agents/${ref.slice(slash + 1)}`, {
    workflow: ref.slice(0, slash),
    ...tenant,
  });
}
