import { useState } from "preact/hooks";
import { api, segment, type SystemTree, type TreeNode, useLoad } from "../api/mod.ts";
import { href } from "../navigation/mod.ts";
import { Button, Empty, formatPlural, LoadedView, Page, Panel, Time } from "../parts/mod.ts";
import { LedBadge } from "./systems_page.tsx";

const RELOAD_MS = 2_000;

/** The supervision tree of an actor system. */
export function SystemPage({ system }: { system: string }) {
  const loaded = useLoad(
    (signal) => api.get<SystemTree>(`/systems/${segment(system)}/tree`, { signal }),
    [system],
    { everyMs: RELOAD_MS },
  );
  return (
    <Page
      title={system}
      crumb={{ label: "Actor systems", path: "/systems" }}
      actions={
        <>
          {loaded.data !== undefined && <LedBadge isLed={loaded.data.system.isLed} />}
          <a class="button" href={href("/dead-letters", { system })}>Its dead letters</a>
        </>
      }
    >
      <Panel title="Supervision tree">
        <LoadedView loaded={loaded}>
          {({ tree }) =>
            tree === null
              ? (
                <Empty title="There is no tree yet">
                  <p>The process that leads the system writes it once its actors are up.</p>
                </Empty>
              )
              : (
                <ul class="tree">
                  <TreeBranch node={tree} depth={0} />
                </ul>
              )}
        </LoadedView>
      </Panel>
    </Page>
  );
}

/** Deeper ones are closed until they are wanted. */
const OPEN_DEPTH = 4;
const SHOWN_MAX = 200;

function TreeBranch({ node, depth }: { node: TreeNode; depth: number }) {
  const [isOpen, setIsOpen] = useState(depth < OPEN_DEPTH);
  const [shown, setShown] = useState(SHOWN_MAX);
  const { children } = node;
  return (
    <li>
      <div class="tree-line">
        {children.length > 0
          ? (
            <Button
              kind="quiet"
              icon={isOpen ? "minus" : "plus"}
              label={`${isOpen ? "Close" : "Open"} ${node.id}`}
              isExpanded={isOpen}
              onClick={() => setIsOpen(!isOpen)}
            />
          )
          : <span class="tree-leaf" />}
        <TreeFacts node={node} />
      </div>
      {isOpen && children.length > 0 && (
        <ul>
          {children.slice(0, shown).map((child) => (
            <TreeBranch key={child.id} node={child} depth={depth + 1} />
          ))}
          {children.length > shown && (
            <li>
              <Button kind="quiet" onClick={() => setShown(shown + SHOWN_MAX)}>
                {`Show more of ${formatPlural(children.length - shown, "other")}`}
              </Button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

/** Colours of statuses of runs say the same of actors. */
const COLOURS: Readonly<Record<string, string>> = {
  running: "completed",
  starting: "running",
  restarting: "waiting",
  waiting: "waiting",
  failed: "failed",
  stopped: "cancelled",
};

function TreeFacts({ node }: { node: TreeNode }) {
  const { id, kind, status, strategy, restarts, startAt, busyWith, lastExit } = node;
  return (
    <div class="tree-facts">
      <strong>{id}</strong>
      <span class="badge" data-status={COLOURS[status] ?? "pending"}>{status}</span>
      <span class="muted small">
        {kind}
        {strategy !== null && `, ${strategy}`}
        {node.children.length > 0 && `, ${formatPlural(node.children.length, "child", "children")}`}
      </span>
      {restarts > 0 && <span class="small">{formatPlural(restarts, "restart")}</span>}
      {busyWith !== null && <span class="small">busy with {busyWith}</span>}
      {startAt !== null && (
        <span class="small">
          starts <Time at={startAt} />
        </span>
      )}
      {lastExit !== null && (
        <span class="small muted">
          last exit <Time at={lastExit.at} />: <code>{reasonText(lastExit.reason)}</code>
        </span>
      )}
    </div>
  );
}

const REASON_CHARS_MAX = 160;

function reasonText(reason: unknown): string {
  const text = typeof reason === "string" ? reason : JSON.stringify(reason);
  return text.length > REASON_CHARS_MAX ? `${text.slice(0, REASON_CHARS_MAX)}…` : text;
}
