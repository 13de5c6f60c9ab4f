import { api, type SystemList, type SystemSummary, useLoad } from "../api/mod.ts";
import { href, path } from "../navigation/mod.ts";
import { Empty, LoadedView, Page, Panel } from "../parts/mod.ts";

const RELOAD_MS = 5_000;

/** Actor systems of the store. */
export function SystemsPage() {
  const loaded = useLoad((signal) => api.get<SystemList>("/systems", { signal }), [], {
    everyMs: RELOAD_MS,
  });
  return (
    <Page title="Actor systems">
      <Panel title="By name" isFlush>
        <LoadedView loaded={loaded}>
          {({ items }) => items.length === 0 ? <NoSystems /> : <SystemTable systems={items} />}
        </LoadedView>
      </Panel>
    </Page>
  );
}

function NoSystems() {
  return (
    <Empty title="No actor system was ever started here">
      <p>Start one on the command line:</p>
      <pre><code>deno task denizen actors run examples/word_index/system.yaml</code></pre>
    </Empty>
  );
}

function SystemTable({ systems }: { systems: readonly SystemSummary[] }) {
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Actor systems">
      <table class="table">
        <thead>
          <tr>
            <th>System</th>
            <th class="is-tight">State</th>
            <th class="is-number">Started</th>
            <th class="is-number">Process</th>
          </tr>
        </thead>
        <tbody>
          {systems.map(({ system, isLed, term, pid }) => (
            <tr key={system}>
              <td>
                <a class="run-link" href={href(path`/systems/${system}`)}>{system}</a>
              </td>
              <td>
                <LedBadge isLed={isLed} />
              </td>
              <td class="is-number is-tight">{term === 1 ? "once" : `${term} times`}</td>
              <td class="is-number">{pid ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Whether a process works on the system. */
export function LedBadge({ isLed }: { isLed: boolean }) {
  return (
    <span class="badge" data-status={isLed ? "completed" : "cancelled"}>
      {isLed ? "running" : "stopped"}
    </span>
  );
}
