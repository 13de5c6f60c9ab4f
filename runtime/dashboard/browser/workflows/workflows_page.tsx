import { useState } from "preact/hooks";
import { api, hasRole, useLoad, type WorkflowPage, type WorkflowSummary } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import { Button, Empty, Field, LoadedView, Page, Panel, Time } from "../parts/mod.ts";

const PAGE_SIZE = 50;

/** Registered workflows by name. */
export function WorkflowsPage() {
  const [q, setQ] = useState("");
  const load = (cursor: string | null, signal?: AbortSignal) =>
    api.get<WorkflowPage>("/workflows", { query: { q, cursor, limit: PAGE_SIZE }, signal });
  const loaded = useLoad((signal) => load(null, signal), [q]);

  async function loadMore(): Promise<void> {
    const { items, nextCursor } = await load(loaded.data?.nextCursor ?? null);
    loaded.update((page) => ({ items: [...page.items, ...items], nextCursor }));
  }

  return (
    <Page
      title="Workflows"
      actions={hasRole("admin") && (
        <a class="button" href={href("/workflows/new")}>Register a workflow</a>
      )}
    >
      <div class="filters" role="search">
        <Field label="Search" isWide>
          {(control) => (
            <input
              {...control}
              class="input"
              type="search"
              placeholder="Part of the name"
              value={q}
              onInput={(event) => setQ(event.currentTarget.value.trim())}
            />
          )}
        </Field>
      </div>
      <Panel title="By name" isFlush>
        <LoadedView loaded={loaded}>
          {({ items, nextCursor }) =>
            items.length === 0 ? <NoWorkflows isFiltered={q !== ""} /> : (
              <>
                <WorkflowTable workflows={items} />
                {nextCursor !== null && (
                  <div class="table-foot">
                    <Button onClick={loadMore}>Load more</Button>
                  </div>
                )}
              </>
            )}
        </LoadedView>
      </Panel>
    </Page>
  );
}

function NoWorkflows({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Empty title="No workflow has such a name" />;
  return (
    <Empty title="No workflow is registered">
      <p>
        {hasRole("admin")
          ? <a href={href("/workflows/new")}>Register one here</a>
          : "Ask an admin to register one"}, or on the command line:
      </p>
      <pre><code>deno task denizen workflows register examples/repo_audit/workflow.yaml</code></pre>
    </Empty>
  );
}

function WorkflowTable({ workflows }: { workflows: readonly WorkflowSummary[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Workflows">
      <table class="table">
        <thead>
          <tr>
            <th>Workflow</th>
            <th class="is-number">Tasks</th>
            <th class="is-number">Agents</th>
            <th class="is-number">Versions</th>
            <th class="is-tight">Registered</th>
            <th class="is-tight">
              <span class="visually-hidden">Start</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {workflows.map((workflow) => (
            <WorkflowLine key={`${workflow.tenant} ${workflow.name}`} workflow={workflow} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function WorkflowLine({ workflow }: { workflow: WorkflowSummary }) {
  const { name, version, description, tenant, tasks, agents, versions, registeredAt } = workflow;
  return (
    <tr>
      <td>
        <a class="run-link" href={href(path`/workflows/${name}`)}>{name}</a>
        {version !== null && <span class="muted small">{` ${version}`}</span>}
        {tenant !== null && <span class="chip" title="Tenant">@{tenant}</span>}
        {description !== null && <div class="muted small">{description}</div>}
      </td>
      <td class="is-number">{tasks}</td>
      <td class="is-number">{agents.length}</td>
      <td class="is-number">{versions}</td>
      <td class="is-tight">
        <Time at={registeredAt} />
      </td>
      <td class="is-tight">
        {hasRole("operator") && (
          <a
            class="button"
            href={href(path`/workflows/${name}/start`)}
            aria-label={`Start ${name}`}
          >
            Start
          </a>
        )}
      </td>
    </tr>
  );
}
