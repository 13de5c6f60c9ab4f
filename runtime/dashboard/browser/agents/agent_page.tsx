import { type AgentDetail, api, hasRole, segment, useLoad } from "../api/mod.ts";
import { href, navigate, path, place } from "../navigation/mod.ts";
import { Button, confirmAction, Empty, LoadedView, Page, Panel, showDone } from "../parts/mod.ts";
import { knowledgeHref } from "./agent_address.ts";
import { AgentFacts } from "./agent_facts.tsx";
import { AgentBadge } from "./agent_parts.tsx";
import { CapabilityTable, FindingList, OfferList } from "./agent_tables.tsx";
import { VersionTable } from "./version_table.tsx";

const RELOAD_MS = 5_000;

/** One agent: what it offers and has shown, why it gets work or none, and its other versions. */
export function AgentPage({ name, version }: { name: string; version?: string }) {
  // Agents of workflows have no versions; the query may be that of a next page that still loads.
  const workflow = version === undefined ? place.value.query.get("workflow") : null;
  // Agents of two tenants may have one name: who sees all says whose is meant.
  const tenant = place.value.query.get("tenant");
  const address = version === undefined
    ? `/agents/${segment(name)}`
    : `/agents/${segment(name)}/${segment(version)}`;
  const loaded = useLoad(
    (signal) => api.get<AgentDetail>(address, { query: { workflow, tenant }, signal }),
    [address, workflow, tenant],
    { everyMs: RELOAD_MS },
  );
  const agent = loaded.data;
  return (
    <Page
      title={name}
      crumb={{ label: "Agents", path: "/agents" }}
      actions={agent !== undefined && <AgentActions agent={agent} reload={loaded.reload} />}
    >
      <LoadedView loaded={loaded}>{(agent) => <AgentView agent={agent} />}</LoadedView>
    </Page>
  );
}

function AgentView({ agent }: { agent: AgentDetail }) {
  const { records, capabilities, offers, findings } = agent;
  return (
    <>
      <div class="row">
        <AgentBadge agent={agent} />
        {agent.version !== null && <span class="chip">{agent.version}</span>}
        <span class="chip">
          {agent.kind === "registered" ? "registered" : `of the workflow ${agent.workflow}`}
        </span>
        {agent.description !== null && <span class="muted">{agent.description}</span>}
      </div>
      {findings.length > 0 && <FindingList findings={findings} />}
      <Panel title="What it offers and has shown" isFlush={capabilities.length > 0}>
        {capabilities.length === 0
          ? (
            <Empty title="It offers no capability">
              <p>Tasks that name it get it; no task is given to it by what it has shown.</p>
            </Empty>
          )
          : <CapabilityTable capabilities={capabilities} records={records} />}
      </Panel>
      <div class="columns">
        <Panel title="About">
          <AgentFacts agent={agent} />
        </Panel>
        {offers.length > 0 && (
          <Panel title="Takes and gives">
            <OfferList offers={offers} />
          </Panel>
        )}
      </div>
      {agent.kind === "registered" && <VersionTable agent={agent} />}
    </>
  );
}

function AgentActions({ agent, reload }: { agent: AgentDetail; reload: () => void }) {
  return (
    <>
      <a class="button" href={knowledgeHref(agent.id)}>Its solved tasks</a>
      {agent.kind === "registered" && hasRole("admin") && (
        <RegistryActions agent={agent} reload={reload} />
      )}
      {agent.kind === "workflow" && agent.isRegistered && (
        <a class="button" href={href(path`/workflows/${agent.workflow!}`)}>Its workflow</a>
      )}
    </>
  );
}

function RegistryActions({ agent, reload }: { agent: AgentDetail; reload: () => void }) {
  const address = `/agents/${segment(agent.name)}/${segment(agent.version!)}`;
  const ofTenant = agent.tenant === null ? "" : `?tenant=${segment(agent.tenant)}`;

  async function check(): Promise<void> {
    const { status } = await api.post<AgentDetail>(`${address}/check${ofTenant}`);
    if (status === "ready") showDone("It answers its own examples by its own schemas");
    reload();
  }
  async function remove(): Promise<void> {
    const isSure = await confirmAction({
      title: `Remove ${agent.ref}?`,
      text: "It gets no more tasks; what it works on now may end. What is known of it stays in " +
        "the record. Its other versions stay.",
      action: "Remove the agent",
      isDangerous: true,
    });
    if (!isSure) return;
    await api.delete(`${address}${ofTenant}`);
    showDone(`Removed ${agent.ref}`);
    navigate("/agents");
  }
  return (
    <>
      <Button icon="retry" onClick={check}>Check again</Button>
      <Button icon="trash" kind="danger" onClick={remove}>Remove</Button>
    </>
  );
}
