import { type AgentDetail, type AgentList, type AgentStatus, api, useLoad } from "../api/mod.ts";
import { formatCount, IntervalBar, LoadedView, Panel, Time } from "../parts/mod.ts";
import { agentHref } from "./agent_address.ts";
import { AgentBadge } from "./agent_parts.tsx";

/** Every version of an agent, side by side. */
export function VersionTable({ agent }: { agent: AgentDetail }) {
  const loaded = useLoad(
    (signal) => api.get<AgentList>("/agents", { query: { kind: "registered" }, signal }),
    [agent.ref, agent.versions.join(" "), agent.status],
  );
  return (
    <Panel title="Versions" isFlush>
      <LoadedView loaded={loaded}>
        {({ items }) => (
          <Versions
            agent={agent}
            versions={items.filter(({ name, tenant }) =>
              name === agent.name && tenant === agent.tenant
            )}
          />
        )}
      </LoadedView>
    </Panel>
  );
}

function Versions(
  { agent, versions }: { agent: AgentDetail; versions: readonly AgentStatus[] },
) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Versions">
      <table class="table">
        <thead>
          <tr>
            <th class="is-tight">Version</th>
            <th>State</th>
            <th>Succeeds at</th>
            <th class="is-number is-lesser">Attempts in the last hour</th>
            <th class="is-tight is-lesser">Registered</th>
          </tr>
        </thead>
        <tbody>
          {versions.map((one) => (
            <tr key={one.ref}>
              <td class="is-tight">
                {one.ref === agent.ref
                  ? (
                    <>
                      <strong>{one.version}</strong>
                      <span class="chip node-self">this one</span>
                    </>
                  )
                  : <a class="run-link" href={agentHref(one)}>{one.version}</a>}
              </td>
              <td>
                <AgentBadge agent={one} />
              </td>
              <td>
                <VersionRecords agent={one} />
              </td>
              <td class="is-number is-lesser">{formatCount(one.attempts)}</td>
              <td class="is-tight is-lesser">
                <Time at={one.registeredAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function VersionRecords({ agent: { records } }: { agent: AgentStatus }) {
  const shown = records.filter(({ tasks }) => tasks > 0);
  if (shown.length === 0) return <span class="muted">nothing yet</span>;
  return (
    <ul class="abilities">
      {shown.map((record) => (
        <li key={record.capability}>
          <code class="breaks">{record.capability}</code>
          <IntervalBar {...record} />
        </li>
      ))}
    </ul>
  );
}
