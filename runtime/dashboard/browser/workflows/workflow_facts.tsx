import type { WorkflowDetail } from "../api/mod.ts";
import { CopyButton, formatBytes, Notice, Time } from "../parts/mod.ts";

/** What is known of a version. */
export function WorkflowFacts({ detail }: { detail: WorkflowDetail }) {
  const { definition, version, hash, registeredAt, registeredBy, tenant, files } = detail;
  const { description } = definition;
  return (
    <div class="stack">
      {typeof description === "string" && <p>{description}</p>}
      {detail.warnings?.map((warning) => (
        <Notice key={warning.pointer} kind="warning">
          <span>
            <code>{warning.pointer}</code> {warning.message}
          </span>
          <span class="muted small">{warning.hint}</span>
        </Notice>
      ))}
      <dl class="facts">
        <dt>Version</dt>
        <dd>
          {version ?? "none stated"}
          {detail.isLatest && <span class="chip node-self">latest</span>}
        </dd>
        <dt>Content</dt>
        <dd class="row">
          <span class="mono">{hash.slice(0, 16)}…</span>
          <CopyButton text={hash} label="Copy the hash" />
        </dd>
        <dt>Registered</dt>
        <dd>
          <Time at={registeredAt} /> by {registeredBy}
        </dd>
        <dt>Tenant</dt>
        <dd>{tenant ?? "every tenant"}</dd>
        {files.length > 0 && (
          <>
            <dt>Files</dt>
            <dd>
              <ul>
                {files.map(({ path, bytes }) => (
                  <li key={path}>
                    <span class="mono">{path}</span> <span class="muted">{formatBytes(bytes)}</span>
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        <dt>Agents</dt>
        <dd>
          <AgentList agents={detail.agents} />
        </dd>
      </dl>
    </div>
  );
}

function AgentList({ agents }: Pick<WorkflowDetail, "agents">) {
  const entries = Object.entries(agents);
  if (entries.length === 0) return <span class="muted">none</span>;
  return (
    <ul>
      {entries.map(([name, { capabilities }]) => (
        <li key={name}>
          {name}
          <span class="row">
            {capabilities.map((capability) => (
              <span key={capability} class="chip">{capability}</span>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Tasks in the order of the file, with what they wait for. */
export function WorkflowTasks({ tasks }: { tasks: WorkflowDetail["graph"] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Tasks">
      <table class="table">
        <thead>
          <tr>
            <th>Task</th>
            <th>Done by</th>
            <th>Needs</th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <tr key={task.id}>
              <td>
                {task.id}
                {task.forEach !== null && (
                  <div class="small muted">
                    for each of <code>{task.forEach}</code>
                  </div>
                )}
                {task.if !== null && (
                  <div class="small muted">
                    if <code>{task.if}</code>
                  </div>
                )}
              </td>
              <td>{task.agents.length > 0 ? task.agents.join(", ") : task.kind}</td>
              <td>{task.needs.join(", ") || <span class="muted">nothing</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
