import { useEffect, useMemo, useState } from "preact/hooks";
import { type KnowledgeStats, useLoad } from "../api/mod.ts";
import { href } from "../navigation/mod.ts";
import {
  Button,
  Empty,
  formatCount,
  formatPlural,
  Notice,
  Page,
  ProblemNotice,
  Time,
} from "../parts/mod.ts";
import { exportUrl, loadStats } from "./knowledge_api.ts";
import { KindShape } from "./kind_shape.tsx";
import { KnowledgePicture } from "./knowledge_picture.tsx";
import { type Ends, NodePanel } from "./node_panel.tsx";
import { NodeSearch } from "./node_search.tsx";
import { canDraw } from "./picture.ts";
import { type Explorer, useExplorer } from "./use_explorer.ts";
import type { View } from "./view.ts";
import { WayBar } from "./way_bar.tsx";
import { KIND_PLURALS, KINDS } from "./words.ts";

const RELOAD_MS = 10_000;

/** The graph of solved tasks: search, neighbourhoods, ways, and the whole to take along. */
export function KnowledgePage() {
  const stats = useLoad(loadStats, [], { everyMs: RELOAD_MS });
  const explorer = useExplorer();
  const { view, problem, isLoading } = explorer;
  const isEmpty = view?.nodes.size === 0;
  const facts = stats.data?.facts ?? 0;
  // What was empty when the page came is not for ever.
  useEffect(() => {
    if (isEmpty && facts > 0) void explorer.begin();
  }, [isEmpty, facts]);
  return (
    <Page title="Knowledge" actions={<ExportLinks />}>
      {stats.data !== undefined && <Stats stats={stats.data} />}
      <NodeSearch onFind={(id) => void explorer.go(id, { isFresh: true })} />
      {problem !== null && <ProblemNotice problem={problem} onRetry={explorer.begin} />}
      {view === null
        ? problem === null && <p class="loading" role="status">Loading…</p>
        : isEmpty
        ? <NothingYet />
        : <Explore view={view} explorer={explorer} isLoading={isLoading} />}
    </Page>
  );
}

function Explore(
  { view, explorer, isLoading }: { view: View; explorer: Explorer; isLoading: boolean },
) {
  const [ends, setEnds] = useState<Ends>({ from: null, to: null });
  const hasPicture = useMemo(canDraw, []);
  return (
    <>
      <WayBar ends={ends} explorer={explorer} onEnds={setEnds} />
      <div class="row is-apart">
        <span class="row">
          <Button
            icon="back"
            isDisabled={!explorer.canGoBack}
            onClick={explorer.back}
          >
            Back
          </Button>
          <Button kind="quiet" onClick={explorer.begin}>From the beginning</Button>
          <span class="small muted" role="status">
            {isLoading ? "Loading…" : `${formatPlural(view.nodes.size, "node")} shown`}
          </span>
        </span>
        <Legend />
      </div>
      {!hasPicture && (
        <Notice>This browser draws no WebGL: the list leads through the graph as well.</Notice>
      )}
      <div class="knowledge" data-picture={hasPicture || undefined}>
        {hasPicture && <KnowledgePicture view={view} explorer={explorer} />}
        <NodePanel view={view} explorer={explorer} ends={ends} onEnds={setEnds} />
      </div>
    </>
  );
}

function Legend() {
  return (
    <ul class="row small knowledge-legend" aria-label="Kinds of nodes">
      {KINDS.map((kind) => (
        <li key={kind} class="row">
          <KindShape kind={kind} />
          {kind}
        </li>
      ))}
    </ul>
  );
}

function Stats({ stats: { nodes, facts, forgotten, oldestAt } }: { stats: KnowledgeStats }) {
  return (
    <p class="small muted">
      {`${formatPlural(facts, "attempt")} in the graph: `}
      {KINDS.map((kind) => formatPlural(nodes[kind], kind, KIND_PLURALS[kind])).join(", ")}.
      {oldestAt !== null && (
        <>
          {" "}The oldest ended <Time at={oldestAt} />
          {forgotten > 0 && `; ${formatCount(forgotten)} older ones were forgotten`}.
        </>
      )}
    </p>
  );
}

function ExportLinks() {
  return (
    <span class="row" role="group" aria-label="Export the graph">
      <span class="small muted">Export</span>
      {(["gexf", "graphml", "json"] as const).map((format) => (
        <a key={format} class="button" href={exportUrl(format)} download={`knowledge.${format}`}>
          {format === "graphml" ? "GraphML" : format.toUpperCase()}
        </a>
      ))}
    </span>
  );
}

function NothingYet() {
  return (
    <Empty title="Nothing is known yet">
      <p>
        The graph grows with each task that an agent ends. Start a{" "}
        <a href={href("/workflows")}>workflow</a> whose tasks have agents.
      </p>
    </Empty>
  );
}
