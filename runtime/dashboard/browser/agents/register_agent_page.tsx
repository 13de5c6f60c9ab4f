import { useState } from "preact/hooks";
import { type AgentDetail, api, type RegisterAgent } from "../api/mod.ts";
import { navigate, path } from "../navigation/mod.ts";
import {
  Button,
  Field,
  type FieldControl,
  Page,
  Panel,
  showDone,
  type Tab,
  Tabs,
} from "../parts/mod.ts";
import { GRANT_KINDS, type GrantTexts, toGrants } from "./grant_texts.ts";

const EXAMPLE = `import { defineAgent } from "denizen";
import { z } from "zod";

export default defineAgent({
  name: "line-counter",
  version: "1.0.0",
  description: "Counts lines of text",
  capabilities: {
    "text.measure": {
      input: z.object({ text: z.string() }),
      output: z.object({ lines: z.number() }),
      examples: [{ input: { text: "one\\ntwo" }, output: { lines: 2 } }],
    },
  },
  run: ({ text }) => ({ lines: text.split("\\n").length }),
});
`;

const TABS: readonly Tab[] = [
  { id: "source", label: "Source" },
  { id: "path", label: "A module on the node" },
];

/** What a registered agent may reach. */
type Reach = "nothing" | "all" | "these";

const REACHES: readonly { id: Reach; label: string }[] = [
  { id: "nothing", label: "Nothing" },
  { id: "all", label: "All that it asks for" },
  { id: "these", label: "Only these" },
];

/** Registers an agent: its source, or the path of a module that the node can read. */
export function RegisterAgentPage() {
  const [from, setFrom] = useState("source");
  const [source, setSource] = useState("");
  const [module, setModule] = useState("");
  const [reach, setReach] = useState<Reach>("nothing");
  const [texts, setTexts] = useState<GrantTexts>({});
  const isEmpty = (from === "source" ? source : module).trim() === "";

  async function register(): Promise<void> {
    const body: RegisterAgent = {
      ...(from === "source" ? { source } : { module: module.trim() }),
      ...(reach === "these" ? { grants: toGrants(texts) } : {}),
      ...(reach === "all" ? { grantsAll: true } : {}),
    };
    const agent = await api.post<AgentDetail>("/agents", body);
    if (agent.status === "ready") showDone(`Registered ${agent.ref}: it keeps what it claims`);
    navigate(path`/agents/${agent.name}/${agent.version!}`);
  }

  return (
    <Page title="Register an agent" crumb={{ label: "Agents", path: "/agents" }}>
      <Panel title="Its module">
        <div class="stack">
          <Tabs tabs={TABS} selected={from} onSelect={setFrom} label="Where the module is">
            <div class="stack tab-body">
              {from === "source"
                ? <SourceField source={source} onChange={setSource} />
                : <PathField module={module} onChange={setModule} />}
            </div>
          </Tabs>
          <GrantFields
            reach={reach}
            onReach={setReach}
            texts={texts}
            onChange={setTexts}
          />
          <p class="small muted">
            The node starts it in a process of its own and asks it its own examples. Until it has
            answered them by its own schemas, it gets no task.
          </p>
          <div class="row">
            <Button kind="primary" isDisabled={isEmpty} onClick={register}>Register</Button>
            {from === "source" && isEmpty && (
              <Button
                kind="quiet"
                onClick={() => setSource(EXAMPLE)}
              >
                Begin with an example
              </Button>
            )}
          </div>
        </div>
      </Panel>
    </Page>
  );
}

function SourceField(
  { source, onChange }: { source: string; onChange: (text: string) => void },
) {
  return (
    <Field label="TypeScript or JavaScript" isRequired hint="One module that exports an agent">
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

function PathField({ module, onChange }: { module: string; onChange: (text: string) => void }) {
  return (
    <Field label="Path" isRequired hint="Absolute, on the machine of the node that answers">
      {(control) => <TextInput control={control} value={module} onChange={onChange} />}
    </Field>
  );
}

function GrantFields(
  { reach, onReach, texts, onChange }: {
    reach: Reach;
    onReach: (reach: Reach) => void;
    texts: GrantTexts;
    onChange: (texts: GrantTexts) => void;
  },
) {
  return (
    <fieldset class="fieldset">
      <legend>What it may reach</legend>
      <div class="row">
        {REACHES.map(({ id, label }) => (
          <label key={id} class="checkbox">
            <input
              type="radio"
              name="reach"
              checked={reach === id}
              onChange={() => onReach(id)}
            />
            {label}
          </label>
        ))}
      </div>
      {reach === "these" && (
        <div class="columns">
          {GRANT_KINDS.map(({ kind, label, hint }) => (
            <Field key={kind} label={label} hint={hint}>
              {(control) => (
                <TextInput
                  control={control}
                  value={texts[kind] ?? ""}
                  onChange={(text) => onChange({ ...texts, [kind]: text })}
                />
              )}
            </Field>
          ))}
        </div>
      )}
    </fieldset>
  );
}

function TextInput(
  { control, value, onChange }: {
    control: FieldControl;
    value: string;
    onChange: (text: string) => void;
  },
) {
  return (
    <input
      {...control}
      class="input mono"
      spellcheck={false}
      autocomplete="off"
      value={value}
      onInput={(event) => onChange(event.currentTarget.value)}
    />
  );
}
