import {
  api,
  segment,
  useLoad,
  type VersionPage,
  type WorkflowDetail,
  type WorkflowVersion,
} from "../api/mod.ts";
import { changeQuery, place } from "../navigation/mod.ts";
import { Empty, Field, LoadedView, Panel, Time } from "../parts/mod.ts";
import { SourceDiff } from "./source_diff.tsx";

/** The versions of a workflow; any two of them side by side. */
export function VersionsTab({ detail }: { detail: WorkflowDetail }) {
  const { name } = detail;
  const loaded = useLoad(
    (signal) =>
      api.get<VersionPage>(`/workflows/${segment(name)}/versions`, {
        query: { limit: 200 },
        signal,
      }),
    [name],
  );
  return (
    <LoadedView loaded={loaded}>
      {({ items }) => (
        <>
          <Panel title="Versions, the latest first" isFlush>
            <VersionTable versions={items} shown={detail.hash} />
          </Panel>
          <DiffPanel name={name} versions={items} />
        </>
      )}
    </LoadedView>
  );
}

function VersionTable(
  { versions, shown }: { versions: readonly WorkflowVersion[]; shown: string },
) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Versions">
      <table class="table">
        <thead>
          <tr>
            <th>Version</th>
            <th>Content</th>
            <th>By</th>
            <th class="is-tight">Registered</th>
            <th class="is-tight">
              <span class="visually-hidden">Show</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, hash, registeredBy, registeredAt, isLatest }) => (
            <tr key={hash}>
              <td>
                {version ?? <span class="muted">none</span>}
                {isLatest && <span class="chip node-self">latest</span>}
              </td>
              <td class="mono">{hash.slice(0, 12)}</td>
              <td>{registeredBy}</td>
              <td class="is-tight">
                <Time at={registeredAt} />
              </td>
              <td class="is-tight">
                {hash === shown ? <span class="muted">shown</span> : (
                  <button
                    type="button"
                    class="button"
                    onClick={() => changeQuery({ version: isLatest ? null : hash, tab: null })}
                  >
                    Show
                  </button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DiffPanel({ name, versions }: { name: string; versions: readonly WorkflowVersion[] }) {
  const { query } = place.value;
  const known = (hash: string | null) => versions.find((one) => one.hash === hash)?.hash;
  const to = known(query.get("to")) ?? versions[0]?.hash;
  const from = known(query.get("from")) ?? versions[1]?.hash;
  if (from === undefined || to === undefined) {
    return (
      <Panel title="Difference">
        <Empty title="There is one version only">
          <p>Register a changed file, and what changed is shown here.</p>
        </Empty>
      </Panel>
    );
  }
  return (
    <Panel title="Difference">
      <div class="stack">
        <div class="filters">
          <VersionSelect label="From" name="from" value={from} versions={versions} />
          <VersionSelect label="To" name="to" value={to} versions={versions} />
        </div>
        <LoadedDiff name={name} from={from} to={to} />
      </div>
    </Panel>
  );
}

function VersionSelect(
  { label, name, value, versions }: {
    label: string;
    name: "from" | "to";
    value: string;
    versions: readonly WorkflowVersion[];
  },
) {
  return (
    <Field label={label} isWide>
      {(control) => (
        <select
          {...control}
          class="input"
          value={value}
          onChange={(event) => changeQuery({ [name]: event.currentTarget.value })}
        >
          {versions.map(({ hash, version }) => (
            <option key={hash} value={hash}>
              {version ?? "no version"} · {hash.slice(0, 8)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function LoadedDiff({ name, from, to }: { name: string; from: string; to: string }) {
  const loaded = useLoad(async (signal) => {
    const read = (hash: string) =>
      api.get<WorkflowDetail>(`/workflows/${segment(name)}/versions/${hash}`, { signal });
    const [before, after] = await Promise.all([read(from), read(to)]);
    return { before, after };
  }, [name, from, to]);
  return (
    <LoadedView loaded={loaded}>
      {({ before, after }) => <SourceDiff before={before} after={after} />}
    </LoadedView>
  );
}
