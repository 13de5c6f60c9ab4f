import { useState } from "preact/hooks";
import {
  api,
  type AuditEntry,
  type AuditPage as Entries,
  type AuditVerdict,
  useLoad,
} from "../api/mod.ts";
import { changeQuery, place } from "../navigation/mod.ts";
import {
  Button,
  Empty,
  Field,
  formatPlural,
  LoadedView,
  Notice,
  Page,
  Panel,
  Time,
} from "../parts/mod.ts";

const PAGE_SIZE = 100;

/** Who did what, and who was refused; each entry is chained to the one before. */
export function AuditPage() {
  const { query } = place.value;
  const filters = {
    kind: query.get("kind") ?? "",
    code: query.get("code") ?? "",
    actor: query.get("actor") ?? "",
  };
  const load = (cursor: string | null, signal?: AbortSignal) =>
    api.get<Entries>("/audit", { query: { ...filters, cursor, limit: PAGE_SIZE }, signal });
  const loaded = useLoad((signal) => load(null, signal), Object.values(filters));

  async function loadMore(): Promise<void> {
    const { items, nextCursor } = await load(loaded.data?.nextCursor ?? null);
    loaded.update((page) => ({ items: [...page.items, ...items], nextCursor }));
  }

  return (
    <Page title="Audit" actions={<Verify />}>
      <div class="filters" role="search">
        <KindFilter value={filters.kind} />
        <AuditFilter
          label="Code"
          name="code"
          value={filters.code}
          placeholder="ACCESS_DENIED"
        />
        <AuditFilter
          label="Who"
          name="actor"
          value={filters.actor}
          placeholder="principal:local"
        />
      </div>
      <Panel
        title="Newest first"
        isFlush
        actions={<Button icon="retry" onClick={loaded.reload}>Load again</Button>}
      >
        <LoadedView loaded={loaded}>
          {({ items, nextCursor }) => (
            <>
              {items.length === 0
                ? (
                  <Empty title="No entry matches">
                    <p>Refusals, granted changes and denials of agents are written down here.</p>
                  </Empty>
                )
                : <AuditTable entries={items} />}
              {nextCursor !== null && (
                <div class="table-foot">
                  <Button onClick={loadMore}>Load older entries</Button>
                </div>
              )}
            </>
          )}
        </LoadedView>
      </Panel>
    </Page>
  );
}

/** What is written down: by nodes, their API, agents and actor systems. */
const KINDS = ["access", "refusal", "denial", "agent", "crash", "dead-letter"] as const;

function KindFilter({ value }: { value: string }) {
  const known: readonly string[] = KINDS;
  // An address may name one that this page does not know.
  const kinds = value === "" || known.includes(value) ? known : [...known, value];
  return (
    <Field label="Kind">
      {(control) => (
        <select
          {...control}
          class="input"
          value={value}
          onChange={(event) => changeQuery({ kind: event.currentTarget.value })}
        >
          <option value="">Any kind</option>
          {kinds.map((kind) => <option key={kind} value={kind}>{kind}</option>)}
        </select>
      )}
    </Field>
  );
}

function AuditFilter(
  { label, name, value, placeholder }: {
    label: string;
    name: string;
    value: string;
    placeholder: string;
  },
) {
  return (
    <Field label={label}>
      {(control) => (
        <input
          {...control}
          class="input"
          autocomplete="off"
          placeholder={placeholder}
          value={value}
          onChange={(event) => changeQuery({ [name]: event.currentTarget.value.trim() })}
        />
      )}
    </Field>
  );
}

function Verify() {
  const [verdict, setVerdict] = useState<AuditVerdict | null>(null);
  return (
    <>
      {verdict !== null && (
        <div role="status">
          <Notice kind={verdict.broken === null ? "good" : "warning"}>
            {verdict.broken === null
              ? `The chain is whole: ${formatPlural(verdict.entries, "entry", "entries")}`
              : `The chain is broken at entry ${verdict.broken.seq}: ${verdict.broken.reason}`}
          </Notice>
        </div>
      )}
      <Button
        icon="check"
        onClick={async () => setVerdict(await api.get<AuditVerdict>("/audit/verify"))}
      >
        Verify the chain
      </Button>
    </>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Audit entries">
      <table class="table">
        <thead>
          <tr>
            <th class="is-number is-tight is-lesser">Entry</th>
            <th class="is-tight">When</th>
            <th class="is-tight is-lesser">Kind</th>
            <th class="is-lesser">Code</th>
            <th>What</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => <AuditLine key={entry.seq} entry={entry} />)}
        </tbody>
      </table>
    </div>
  );
}

function AuditLine({ entry }: { entry: AuditEntry }) {
  const { seq, at, kind, from, to, code, message, details, count, hash } = entry;
  return (
    <tr>
      <td class="is-number is-tight is-lesser">{seq}</td>
      <td class="is-tight">
        <Time at={at} />
      </td>
      <td class="is-tight is-lesser">{kind}</td>
      <td class="mono small is-lesser">{code}</td>
      <td class="breaks">
        <div class="small muted is-narrow-only">
          {kind} <code>{code}</code>
        </div>
        {message}
        {count > 1 && <span class="chip node-self">{count} times</span>}
        <div class="small muted">
          {from !== null && `from ${from}`} {to !== null && `to ${to}`}
        </div>
        <details class="small">
          <summary>Details</summary>
          {details !== undefined && <pre>{JSON.stringify(details, null, 2)}</pre>}
          <div class="mono audit-hash">{hash}</div>
        </details>
      </td>
    </tr>
  );
}
