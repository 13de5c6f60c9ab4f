import { useRef, useState } from "preact/hooks";
import { hasRole } from "../api/mod.ts";
import { changeQuery, href, place, useShortcuts } from "../navigation/mod.ts";
import { Button, Empty, LiveMark, LoadedView, Page, Panel } from "../parts/mod.ts";
import { BulkBar } from "./bulk_bar.tsx";
import { FilterBar } from "./filter_bar.tsx";
import { isFiltered, readFilters, type RunFilters, writeFilters } from "./run_filters.ts";
import { RunTable } from "./run_table.tsx";
import { SavedViews } from "./saved_views.tsx";
import { useRuns } from "./use_runs.ts";

/** Every run, narrowed by filters that the address holds, so that a list can be sent to somebody. */
export function RunsPage() {
  const filters = readFilters(place.value.query);
  const { loaded, stream, loadMore } = useRuns(filters);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const search = useRef<HTMLInputElement>(null);
  const change = (changed: Partial<RunFilters>) => {
    setPicked(new Set());
    changeQuery(writeFilters({ ...filters, ...changed }));
  };
  useShortcuts([
    { keys: "/", label: "Search", group: "Runs", run: () => search.current?.focus() },
    { keys: "j", label: "Next run", group: "Runs", run: () => moveFocus(1) },
    { keys: "k", label: "Run before", group: "Runs", run: () => moveFocus(-1) },
    { keys: "x", label: "Pick the run", group: "Runs", run: pickFocused },
  ]);

  return (
    <Page title="Runs" actions={<LiveMark state={stream} />}>
      <SavedViews filters={filters} onChoose={change} />
      <FilterBar filters={filters} onChange={change} searchRef={search} />
      {hasRole("operator") && picked.size > 0 && (
        <BulkBar
          ids={[...picked]}
          rows={loaded.data?.items ?? []}
          onDone={() => {
            setPicked(new Set());
            loaded.reload();
          }}
        />
      )}
      <Panel title="Newest first" isFlush>
        <LoadedView loaded={loaded}>
          {({ items, nextCursor }) =>
            items.length === 0 ? <NoRuns isFiltered={isFiltered(filters)} /> : (
              <>
                <RunTable rows={items} picked={picked} onPick={setPicked} />
                {nextCursor !== null && (
                  <div class="table-foot">
                    <Button onClick={loadMore}>Load older runs</Button>
                  </div>
                )}
              </>
            )}
        </LoadedView>
      </Panel>
    </Page>
  );
}

function NoRuns({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <Empty title="No run matches">
        <p>Take a filter away, or choose a longer time.</p>
      </Empty>
    );
  }
  return (
    <Empty title="Nothing has run yet">
      <p>
        Start a registered <a href={href("/workflows")}>workflow</a>, or submit a file:
      </p>
      <pre><code>deno task run examples/repo_audit/workflow.yaml</code></pre>
    </Empty>
  );
}

const LINKS = "a.run-link";

function moveFocus(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>(LINKS)];
  const at = links.findIndex((link) => link === document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step;
  links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
}

function pickFocused(): void {
  if (!document.activeElement?.matches(LINKS)) return;
  document.activeElement.closest("tr")?.querySelector<HTMLInputElement>("input.pick")?.click();
}
