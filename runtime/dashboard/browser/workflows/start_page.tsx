import { api, segment, useLoad, type WorkflowDetail } from "../api/mod.ts";
import { href, navigate, path, place } from "../navigation/mod.ts";
import { LoadedView, Page, Panel } from "../parts/mod.ts";
import { type Schema, StartForm } from "../start_form/mod.ts";

/** Starts a run of a workflow: of its latest version, or of the one that the address names. */
export function StartPage({ name }: { name: string }) {
  const version = place.value.query.get("version");
  const loaded = useLoad((signal) => {
    const at = version === null ? "" : `/versions/${segment(version)}`;
    return api.get<WorkflowDetail>(`/workflows/${segment(name)}${at}`, { signal });
  }, [name, version]);
  return (
    <Page
      title={`Start ${name}`}
      crumb={{ label: name, path: path`/workflows/${name}` }}
    >
      <LoadedView loaded={loaded}>
        {(detail) => (
          <div class="start-page">
            <Panel title="Input">
              <StartForm
                key={detail.hash}
                workflow={version === null ? name : `${name}@${version}`}
                schema={detail.definition.input as Schema | undefined}
                onStarted={({ runId }) => navigate(path`/runs/${runId}`)}
              />
            </Panel>
            <About detail={detail} />
          </div>
        )}
      </LoadedView>
    </Page>
  );
}

function About({ detail }: { detail: WorkflowDetail }) {
  const { name, version, definition, graph } = detail;
  return (
    <Panel title="What starts">
      <dl class="facts">
        <dt>Workflow</dt>
        <dd>
          <a href={href(path`/workflows/${name}`)}>{name}</a> {version ?? ""}
        </dd>
        {typeof definition.description === "string" && (
          <>
            <dt>About</dt>
            <dd>{definition.description}</dd>
          </>
        )}
        <dt>Tasks</dt>
        <dd>{graph.map(({ id }) => id).join(", ")}</dd>
        <dt>Paths</dt>
        <dd>Relative paths of the input begin in the folder of the node.</dd>
      </dl>
    </Panel>
  );
}
