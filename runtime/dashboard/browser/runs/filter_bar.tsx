import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { api, type WorkflowPage } from "../api/mod.ts";
import { Field } from "../parts/mod.ts";
import { PERIODS, type RunFilters, STATUSES } from "./run_filters.ts";

/** What a list of runs is narrowed to. */
export function FilterBar(
  { filters, onChange, searchRef }: {
    filters: RunFilters;
    onChange: (changed: Partial<RunFilters>) => void;
    searchRef: RefObject<HTMLInputElement | null>;
  },
) {
  return (
    <form class="stack" role="search" onSubmit={(event) => event.preventDefault()}>
      <StatusFilter
        statuses={filters.statuses}
        onChange={(statuses) => onChange({ statuses })}
      />
      <div class="filters">
        <Field label="Search" isWide>
          {(control) => (
            <TypedInput
              {...control}
              type="search"
              inputRef={searchRef}
              placeholder="Part of an id, workflow or tag"
              value={filters.q}
              onSettle={(q) => onChange({ q })}
            />
          )}
        </Field>
        <WorkflowFilter
          value={filters.workflow}
          onChange={(workflow) => onChange({ workflow })}
        />
        <Field label="Tag">
          {(control) => (
            <TypedInput
              {...control}
              value={filters.tag}
              onSettle={(tag) => onChange({ tag })}
            />
          )}
        </Field>
        <Field label="Started within">
          {(control) => (
            <select
              {...control}
              class="input"
              value={filters.period}
              onChange={(event) => onChange({ period: event.currentTarget.value })}
            >
              <option value="">Any time</option>
              {Object.entries(PERIODS).map(([key, { label }]) => (
                <option key={key} value={key}>{label}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
    </form>
  );
}

function StatusFilter(
  { statuses, onChange }: {
    statuses: readonly string[];
    onChange: (statuses: string[]) => void;
  },
) {
  return (
    <div class="row" role="group" aria-label="Status">
      {STATUSES.map((status) => {
        const isOn = statuses.includes(status);
        const toggled = isOn ? statuses.filter((one) => one !== status) : [...statuses, status];
        return (
          <button
            key={status}
            type="button"
            class="badge status-toggle"
            data-status={status}
            aria-pressed={isOn}
            onClick={() => onChange(toggled)}
          >
            {status}
          </button>
        );
      })}
    </div>
  );
}

function WorkflowFilter(
  { value, onChange }: { value: string; onChange: (workflow: string) => void },
) {
  const [names, setNames] = useState<string[]>([]);
  useEffect(() => {
    api.get<WorkflowPage>("/workflows", { query: { limit: 200 } }).then(
      ({ items }) => setNames(items.map(({ name }) => name)),
      () => setNames([]),
    );
  }, []);
  return (
    <Field label="Workflow">
      {(control) => (
        <>
          <TypedInput {...control} list="workflow-names" value={value} onSettle={onChange} />
          <datalist id="workflow-names">
            {names.map((name) => <option key={name} value={name} />)}
          </datalist>
        </>
      )}
    </Field>
  );
}

const SETTLE_MS = 250;

/** A text field that tells its value once the typing pauses. */
function TypedInput(
  { value, onSettle, inputRef, ...rest }: {
    value: string;
    onSettle: (value: string) => void;
    inputRef?: RefObject<HTMLInputElement | null>;
    id: string;
    type?: "search" | "text";
    list?: string;
    placeholder?: string;
  },
) {
  const [text, setText] = useState(value);
  // At once: a letter that is typed in the next frame must not be taken back.
  useLayoutEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onSettle(text), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      {...rest}
      ref={inputRef}
      class="input"
      autocomplete="off"
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}
