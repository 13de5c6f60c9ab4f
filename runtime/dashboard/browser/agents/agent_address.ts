import type { AgentStatus } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";

/** Where an agent is shown: one version of a registered one, or the one of a workflow. */
export function agentHref({ kind, name, version, workflow, tenant }: AgentStatus): string {
  if (kind === "registered") return href(path`/agents/${name}/${version!}`, { tenant });
  return href(path`/agents/${name}`, { workflow, tenant });
}

/** Where the graph of solved tasks shows it. */
export function knowledgeHref(id: string): string {
  return href("/knowledge", { node: `agent:${id}` });
}
