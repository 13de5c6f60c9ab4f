import { useState } from "preact/hooks";
import { api, type Validation, type WorkflowDetail } from "../api/mod.ts";
import { navigate, path } from "../navigation/mod.ts";
import {
  Button,
  Field,
  formatPlural,
  Notice,
  Page,
  Panel,
  ProblemNotice,
  showDone,
} from "../parts/mod.ts";
import { readFolder } from "./read_folder.ts";

const EXAMPLE = `name: hello
version: 1.0.0
input:
  type: object
  required: [who]
  properties:
    who: { type: string, description: Whom to greet }
tasks:
  greet: { value: { text: "Hello, \${{ input.who }}" } }
output:
  text: "\${{ tasks.greet.output.text }}"
`;

/** Registers a workflow: its file, and the folder of its agents' modules where it has some. */
export function RegisterPage() {
  const [source, setSource] = useState("");
  const [files, setFiles] = useState<Record<string, string>>({});
  const [found, setFound] = useState<Validation | null>(null);
  const body = { source, ...(Object.keys(files).length === 0 ? {} : { files }) };
  const isEmpty = source.trim() === "";

  async function pick(list: FileList | null): Promise<void> {
    const folder = await readFolder([...list ?? []]);
    setFound(null);
    setFiles(folder.files);
    if (folder.source !== null) setSource(folder.source);
  }
  async function register(): Promise<void> {
    const checked = await api.post<Validation>("/workflows/validate", body);
    setFound(checked);
    if (!checked.valid) return;
    const { name } = await api.post<WorkflowDetail>("/workflows", body);
    showDone(`Registered "${name}"`);
    navigate(path`/workflows/${name}`);
  }

  return (
    <Page title="Register a workflow" crumb={{ label: "Workflows", path: "/workflows" }}>
      <Panel title="The workflow file">
        <div class="stack">
          <FolderField count={Object.keys(files).length} onPick={pick} />
          <SourceField
            source={source}
            onChange={(text) => {
              setFound(null);
              setSource(text);
            }}
          />
          {found !== null && <Found validation={found} />}
          <div class="row">
            <Button kind="primary" isDisabled={isEmpty} onClick={register}>Register</Button>
            <Button
              isDisabled={isEmpty}
              onClick={async () =>
                setFound(await api.post<Validation>("/workflows/validate", body))}
            >
              Check
            </Button>
            {isEmpty && (
              <Button kind="quiet" onClick={() => setSource(EXAMPLE)}>Begin with an example</Button>
            )}
          </div>
        </div>
      </Panel>
    </Page>
  );
}

function FolderField(
  { count, onPick }: { count: number; onPick: (files: FileList | null) => Promise<void> },
) {
  return (
    <Field
      label="Folder"
      hint={count === 0
        ? "The folder of workflow.yaml, with the modules of its agents; not needed without agents"
        : `${formatPlural(count, "file")} beside the workflow file`}
    >
      {(control) => (
        <input
          {...control}
          class="input"
          type="file"
          multiple
          {...{ webkitdirectory: true }}
          onChange={(event) => void onPick(event.currentTarget.files)}
        />
      )}
    </Field>
  );
}

function SourceField(
  { source, onChange }: { source: string; onChange: (text: string) => void },
) {
  return (
    <Field label="YAML or JSON" isRequired>
      {(control) => (
        <textarea
          {...control}
          class="input mono"
          rows={18}
          spellcheck={false}
          value={source}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function Found({ validation }: { validation: Validation }) {
  const { valid, name, version, issues } = validation;
  if (valid && issues.length === 0) {
    return (
      <Notice kind="good">
        {`"${name}"${version === null ? "" : ` ${version}`} is valid`}
      </Notice>
    );
  }
  const title = valid ? "It is valid, with warnings" : "It is not valid";
  const places = issues.map(({ line, column, message, ...issue }) => ({
    ...issue,
    message: `line ${line}, column ${column}: ${message}`,
  }));
  return <ProblemNotice problem={{ title, status: 422, issues: places }} />;
}
