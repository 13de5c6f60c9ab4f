import { useState } from "preact/hooks";
import { api, type NewKey, type Problem, toProblem } from "../api/mod.ts";
import { Button, Dialog, Field, ProblemNotice } from "../parts/mod.ts";

const ROLES = {
  viewer: "viewer: reads",
  operator: "operator: starts, stops and retries runs",
  admin: "admin: everything, keys too",
} as const;
const DAY_MS = 86_400_000;
const LIFETIMES = { 7: "7 days", 30: "30 days", 90: "90 days", 365: "A year", 0: "Never" } as const;

interface Draft {
  name: string;
  role: keyof typeof ROLES;
  days: number;
  tenant: string;
  scopes: string;
  workflows: string;
  tags: string;
}

const EMPTY: Draft = {
  name: "",
  role: "viewer",
  days: 90,
  tenant: "",
  scopes: "",
  workflows: "",
  tags: "",
};

/** Asks what a new key may do. */
export function CreateKeyDialog(
  { onClose, onCreated }: { onClose: () => void; onCreated: (key: NewKey) => void },
) {
  const [draft, setDraft] = useState(EMPTY);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });

  async function create(): Promise<void> {
    try {
      onCreated(await api.post<NewKey>("/keys", toRequest(draft)));
    } catch (error) {
      setProblem(toProblem(error));
    }
  }

  return (
    <Dialog
      title="Create a key"
      onClose={onClose}
      foot={
        <Button kind="primary" isDisabled={draft.name.trim() === ""} onClick={create}>
          Create the key
        </Button>
      }
    >
      {problem !== null && <ProblemNotice problem={problem} />}
      <TextField
        label="Name"
        hint="What uses it, such as ci"
        isRequired
        value={draft.name}
        onChange={(name) => change({ name })}
      />
      <Field label="Role">
        {(control) => (
          <select
            {...control}
            class="input"
            value={draft.role}
            onChange={(event) => change({ role: event.currentTarget.value as Draft["role"] })}
          >
            {Object.entries(ROLES).map(([role, label]) => (
              <option key={role} value={role}>{label}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Expires after">
        {(control) => (
          <select
            {...control}
            class="input"
            value={String(draft.days)}
            onChange={(event) => change({ days: Number(event.currentTarget.value) })}
          >
            {Object.entries(LIFETIMES).map(([days, label]) => (
              <option key={days} value={days}>{label}</option>
            ))}
          </select>
        )}
      </Field>
      <Limits draft={draft} onChange={change} />
    </Dialog>
  );
}

function Limits(
  { draft, onChange }: { draft: Draft; onChange: (changed: Partial<Draft>) => void },
) {
  return (
    <details>
      <summary>Limit it further</summary>
      <div class="stack limits">
        <TextField
          label="Tenant"
          hint="It sees and starts what is this tenant's; empty: all tenants"
          value={draft.tenant}
          onChange={(tenant) => onChange({ tenant })}
        />
        <TextField
          label="Scopes"
          hint="Actions such as runs:read runs:write; empty: all of the role"
          value={draft.scopes}
          onChange={(scopes) => onChange({ scopes })}
        />
        <TextField
          label="Workflows"
          hint="Names, separated by spaces; empty: every workflow"
          value={draft.workflows}
          onChange={(workflows) => onChange({ workflows })}
        />
        <TextField
          label="Tags"
          hint="Runs that have one of them; empty: every run"
          value={draft.tags}
          onChange={(tags) => onChange({ tags })}
        />
      </div>
    </details>
  );
}

function TextField(
  { label, hint, value, onChange, isRequired = false }: {
    label: string;
    hint: string;
    value: string;
    onChange: (value: string) => void;
    isRequired?: boolean;
  },
) {
  return (
    <Field label={label} hint={hint} isRequired={isRequired}>
      {(control) => (
        <input
          {...control}
          class="input"
          autocomplete="off"
          value={value}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

function toRequest(draft: Draft): Record<string, unknown> {
  const list = (text: string) => {
    const words = text.split(/[\s,]+/).filter((word) => word !== "");
    return words.length === 0 ? null : words;
  };
  return {
    name: draft.name.trim(),
    role: draft.role,
    tenant: draft.tenant.trim() || null,
    scopes: list(draft.scopes),
    workflows: list(draft.workflows),
    tags: list(draft.tags),
    expiresAt: draft.days === 0 ? null : new Date(Date.now() + draft.days * DAY_MS).toISOString(),
  };
}
