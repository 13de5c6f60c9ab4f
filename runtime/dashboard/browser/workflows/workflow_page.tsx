import { api, hasRole, segment, useLoad, type WorkflowDetail } from "../api/mod.ts";
import { changeQuery, href, navigate, path, place } from "../navigation/mod.ts";
import {
  Button,
  CodeBlock,
  confirmAction,
  LoadedView,
  Page,
  Panel,
  showDone,
  Tabs,
} from "../parts/mod.ts";
import { VersionsTab } from "./versions_tab.tsx";
import { WorkflowFacts, WorkflowTasks } from "./workflow_facts.tsx";

const TABS = [
  { id: "about", label: "About" },
  { id: "source", label: "Source" },
  { id: "versions", label: "Versions" },
] as const;

/** One workflow: what it is, its file, its versions and how they differ. */
export function WorkflowPage({ name }: { name: string }) {
  const { query } = place.value;
  const version = query.get("version");
  const tab = TABS.find(({ id }) => id === query.get("tab"))?.id ?? "about";
  const loaded = useLoad((signal) => {
    const at = version === null ? "" : `/versions/${segment(version)}`;
    return api.get<WorkflowDetail>(`/workflows/${segment(name)}${at}`, { signal });
  }, [name, version]);

  return (
    <Page
      title={name}
      crumb={{ label: "Workflows", path: "/workflows" }}
      actions={<WorkflowActions name={name} version={version} detail={loaded.data} />}
    >
      <LoadedView loaded={loaded}>
        {(detail) => (
          <Tabs
            tabs={TABS}
            selected={tab}
            label="Parts of the workflow"
            onSelect={(id) => changeQuery({ tab: id === "about" ? null : id })}
          >
            <div class="page tab-panel">
              {tab === "about" && <AboutTab detail={detail} />}
              {tab === "source" && <CodeBlock text={detail.source} label="Source" />}
              {tab === "versions" && <VersionsTab detail={detail} />}
            </div>
          </Tabs>
        )}
      </LoadedView>
    </Page>
  );
}

function AboutTab({ detail }: { detail: WorkflowDetail }) {
  return (
    <div class="columns">
      <Panel title="About">
        <WorkflowFacts detail={detail} />
      </Panel>
      <Panel title="Tasks" isFlush>
        <WorkflowTasks tasks={detail.graph} />
      </Panel>
    </div>
  );
}

function WorkflowActions(
  { name, version, detail }: {
    name: string;
    version: string | null;
    detail: WorkflowDetail | undefined;
  },
) {
  return (
    <>
      <a class="button" href={href("/runs", { workflow: name })}>Its runs</a>
      {hasRole("admin") && detail !== undefined && (
        <Button
          icon="trash"
          kind="quiet"
          onClick={() => remove(name, detail.etag)}
        >
          Forget
        </Button>
      )}
      {hasRole("operator") && (
        <a
          class="button is-primary"
          href={href(path`/workflows/${name}/start`, { version })}
        >
          Start a run
        </a>
      )}
    </>
  );
}

async function remove(name: string, etag: string): Promise<void> {
  const isSure = await confirmAction({
    title: `Forget "${name}"?`,
    text: "All its versions go. Runs of it go on, and can still be looked at.",
    action: "Forget the workflow",
    isDangerous: true,
  });
  if (!isSure) return;
  const headers = { "if-match": etag };
  await api.delete(`/workflows/${segment(name)}`, { headers });
  showDone(`Forgot "${name}"`);
  navigate("/workflows");
}
