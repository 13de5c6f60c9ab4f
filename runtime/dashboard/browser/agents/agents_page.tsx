import { type AgentList, type AgentStatus, api, hasRole, useLoad } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import {
  Empty,
  formatCount,
  formatDuration,
  formatPlural,
  Icon,
  IntervalBar,
  LoadedView,
  Page,
  Panel,
} from "../parts/mod.ts";
import { agentHref } from "./agent_address.ts";
import { AgentBadge, Grants } from "./agent_parts.tsx";
import { loadText } from "./record_words.ts";

const RELOAD_MS = 5_000;
const CAPABILITIES_MAX = 6;

/** Who may do work, what they have shown, and with what rights. */
export function AgentsPage() {
  const loaded = useLoad((signal) => api.get<AgentList>("/agents", { signal }), [], {
    everyMs: RELOAD_MS,
  });
  return (
    <Page
      title="Agents"
      actions={hasRole("admin") && (
        <a class="button is-primary" href={href("/agents/new")}>
          <Icon name="plus" />Register an agent
        </a>
      )}
    >
      <LoadedView loaded={loaded}>
        {({ items }) => (
          <>
            <Registered agents={items.filter(({ kind }) => kind === "registered")} />
            <OfWorkflows agents={items.filter(({ kind }) => kind === "workflow")} />
          </>
        )}
      </LoadedView>
      <p class="small muted">
        Attempts, failures and times are of the last hour; what is in flight is so on the node that
        answers.
      </p>
    </Page>
  );
}

function Registered({ agents }: { agents: readonly AgentStatus[] }) {
  return (
    <Panel title="Registered" isFlush={agents.length > 0}>
      {agents.length === 0
        ? (
          <Empty title="No agent is registered">
            <p>
              A registered agent serves every workflow that asks for what it offers. Register a
              module here, or on the command line:
            </p>
            <pre><code>deno task denizen agents register ./agent.ts</code></pre>
          </Empty>
        )
        : <AgentTable agents={agents} label="Registered agents" />}
    </Panel>
  );
}

function OfWorkflows({ agents }: { agents: readonly AgentStatus[] }) {
  return (
    <Panel title="Of workflows" isFlush={agents.length > 0}>
      {agents.length === 0
        ? (
          <Empty title="No workflow brings an agent">
            <p>
              Agents come with{" "}
              <a href={href("/workflows")}>workflows</a>, too: register one that names some.
            </p>
          </Empty>
        )
        : <AgentTable agents={agents} label="Agents of workflows" />}
    </Panel>
  );
}

function AgentTable({ agents, label }: { agents: readonly AgentStatus[]; label: string }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table class="table">
        <thead>
          <tr>
            <th>Agent</th>
            <th>State</th>
            <th>Succeeds at</th>
            <th class="is-lesser">May reach</th>
            <th class="is-number is-lesser">Attempts</th>
            <th class="is-number is-lesser">Failed</th>
            <th class="is-number is-lesser">p50</th>
            <th class="is-number is-lesser">p95</th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentLine
              key={`${agent.kind} ${agent.id} ${agent.tenant} ${agent.packageHash}`}
              agent={agent}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AgentLine({ agent }: { agent: AgentStatus }) {
  const { name, attempts, failures, p50Ms, p95Ms } = agent;
  return (
    <tr>
      <td>
        <a class="run-link" href={agentHref(agent)}>{name}</a>
        <Origin agent={agent} />
      </td>
      <td>
        <AgentBadge agent={agent} />
        <div class="small muted">{loadText(agent)}</div>
        <div class="small muted is-narrow-only">
          {`${formatPlural(attempts, "attempt")}, ${formatCount(failures)} failed`}
        </div>
      </td>
      <td>
        <Abilities agent={agent} />
      </td>
      <td class="is-lesser">
        <Grants permissions={agent.permissions} />
      </td>
      <td class="is-number is-lesser">{formatCount(attempts)}</td>
      <td class="is-number is-lesser">{formatCount(failures)}</td>
      <td class="is-number is-tight is-lesser">{p50Ms === null ? "–" : formatDuration(p50Ms)}</td>
      <td class="is-number is-tight is-lesser">{p95Ms === null ? "–" : formatDuration(p95Ms)}</td>
    </tr>
  );
}

function Origin({ agent: { kind, workflow, version, packageHash, isRegistered } }: {
  agent: AgentStatus;
}) {
  const told = version ?? packageHash?.slice(0, 12);
  return (
    <div class="small muted">
      {kind === "workflow" && (
        <div>
          {isRegistered ? <a href={href(path`/workflows/${workflow!}`)}>{workflow}</a> : workflow}
        </div>
      )}
      <div>{told}</div>
    </div>
  );
}

/** Its capabilities, each with what it has shown. */
function Abilities({ agent: { capabilities, records } }: { agent: AgentStatus }) {
  if (capabilities.length === 0) {
    return <span class="muted small">named by its tasks: nothing is compared</span>;
  }
  const shown = capabilities.slice(0, CAPABILITIES_MAX);
  return (
    <ul class="abilities">
      {shown.map((capability) => {
        const record = records.find((one) => one.capability === capability);
        return (
          <li key={capability}>
            <code class="breaks">{capability}</code>
            {record === undefined || record.tasks === 0
              ? <span class="muted small">nothing yet</span>
              : <IntervalBar {...record} />}
          </li>
        );
      })}
      {capabilities.length > shown.length && (
        <li class="muted small">{`and ${formatCount(capabilities.length - shown.length)} more`}</li>
      )}
    </ul>
  );
}
