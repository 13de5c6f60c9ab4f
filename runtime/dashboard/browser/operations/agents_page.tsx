import { type AgentList, type AgentStatus, api, useLoad } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import { Empty, formatCount, formatDuration, LoadedView, Page, Panel } from "../parts/mod.ts";

const RELOAD_MS = 5_000;

/** What may do work, with what rights, and how it did in the last hour. */
export function AgentsPage() {
  const loaded = useLoad((signal) => api.get<AgentList>("/agents", { signal }), [], {
    everyMs: RELOAD_MS,
  });
  return (
    <Page title="Agents">
      <LoadedView loaded={loaded}>
        {({ items }) =>
          items.length === 0
            ? (
              <Panel title="By workflow">
                <Empty title="No agent is known">
                  <p>
                    Agents come with{" "}
                    <a href={href("/workflows")}>workflows</a>: register one that names some.
                  </p>
                </Empty>
              </Panel>
            )
            : (
              <Panel title="By workflow" isFlush>
                <AgentTable agents={items} />
              </Panel>
            )}
      </LoadedView>
      <p class="small muted">
        Attempts, failures and times are of the last hour; cells are processes of the node that
        answers.
      </p>
    </Page>
  );
}

function AgentTable({ agents }: { agents: readonly AgentStatus[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Agents">
      <table class="table">
        <thead>
          <tr>
            <th>Agent</th>
            <th>Workflow</th>
            <th>May reach</th>
            <th class="is-number">Attempts</th>
            <th class="is-number">Failed</th>
            <th class="is-number">p50</th>
            <th class="is-number">p95</th>
            <th class="is-number">In flight</th>
            <th class="is-number">Cells</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentLine key={`${agent.packageHash} ${agent.name}`} agent={agent} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AgentLine({ agent }: { agent: AgentStatus }) {
  const { name, workflow, version, capabilities, attempts, failures, p50Ms, p95Ms } = agent;
  return (
    <tr>
      <td>
        <strong>{name}</strong>
        <div class="row">
          {capabilities.map((capability) => <span key={capability} class="chip">{capability}
          </span>)}
        </div>
      </td>
      <td>
        {agent.isRegistered
          ? <a href={href(path`/workflows/${workflow}`)}>{workflow}</a>
          : workflow}
        <div class="small muted">{version ?? agent.packageHash.slice(0, 12)}</div>
      </td>
      <td>
        <Permissions permissions={agent.permissions} />
      </td>
      <td class="is-number">{formatCount(attempts)}</td>
      <td class="is-number">{formatCount(failures)}</td>
      <td class="is-number is-tight">{p50Ms === null ? "–" : formatDuration(p50Ms)}</td>
      <td class="is-number is-tight">{p95Ms === null ? "–" : formatDuration(p95Ms)}</td>
      <td class="is-number">{formatCount(agent.inFlight)}</td>
      <td class="is-number">{formatCount(agent.cells)}</td>
    </tr>
  );
}

function Permissions({ permissions }: Pick<AgentStatus, "permissions">) {
  const granted = Object.entries(permissions).filter(([, values]) => values.length > 0);
  if (granted.length === 0) return <span class="muted">nothing</span>;
  return (
    <ul>
      {granted.map(([kind, values]) => (
        <li key={kind} class="small">
          <span class="muted">{kind}</span> <code>{values.join(", ")}</code>
        </li>
      ))}
    </ul>
  );
}
