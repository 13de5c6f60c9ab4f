import { useEffect, useRef, useState } from "preact/hooks";
import type { Json } from "../../../../core/json.ts";
import { type AcceptedRun, api, ApiError, type Problem, toProblem } from "../api/mod.ts";
import { Button, Field, ProblemNotice } from "../parts/mod.ts";
import { type FieldErrors, inWordsOfForm, placeIssues } from "./place_issues.ts";
import { JsonField, Properties } from "./schema_field.tsx";
import { findMissing, initialValue, type Schema, shapeOf } from "./schema_shape.ts";

export interface StartFormProps {
  /** `name`, or `name@version`. */
  workflow: string;
  /** Of the input; absent: any object. */
  schema: Schema | undefined;
  onStarted: (run: AcceptedRun) => void;
}

/** Starts a run with an input that fits the workflow's schema; what the node refuses it places. */
export function StartForm(props: StartFormProps) {
  const { root, value, change, form, problem, submit } = useSubmission(props);
  const shape = shapeOf(root, root);
  const [tags, setTags] = useState("");
  const [wantsJson, setWantsJson] = useState(false);
  const field = { name: "input", pointer: "", value, onChange: change, form };
  return (
    <form class="stack start-form" noValidate onSubmit={(event) => event.preventDefault()}>
      {problem !== null && <ProblemNotice problem={inWordsOfForm(problem, root)} />}
      {wantsJson || shape.kind !== "object"
        ? <JsonField {...field} schema={{ title: "Input as JSON" }} isRequired={false} />
        : <Properties {...field} properties={shape.properties} />}
      <TagsField value={tags} onChange={setTags} />
      <div class="row">
        <Button kind="primary" icon="runs" type="submit" onClick={() => submit(tagsOf(tags))}>
          Start the run
        </Button>
        {shape.kind === "object" && (
          <Button
            kind="quiet"
            isDisabled={form.hasUnreadable}
            onClick={() => setWantsJson(!wantsJson)}
          >
            {wantsJson ? "Fill in a form" : "Write JSON"}
          </Button>
        )}
      </div>
    </form>
  );
}

/** What is filled in, what is wrong with it, and how it is sent. */
function useSubmission({ workflow, schema, onStarted }: StartFormProps) {
  const root = schema ?? {};
  const [value, setValue] = useState<Json | undefined>(() => initialValue(root, root) ?? {});
  const [errors, setErrors] = useState<FieldErrors>(new Map());
  const [unreadable, setUnreadable] = useState<FieldErrors>(new Map());
  const [problem, setProblem] = useState<Problem | null>(null);
  // The same click twice starts one run; another input is another run.
  const key = useRef(crypto.randomUUID());
  const isThere = useRef(true);
  useEffect(() => () => void (isThere.current = false), []);

  function change(changed: Json | undefined): void {
    key.current = crypto.randomUUID();
    setErrors(new Map());
    setValue(changed);
  }

  async function submit(tags: string[]): Promise<void> {
    const missing = findMissing(value ?? {}, root, root);
    setProblem(null);
    setErrors(new Map(missing.map((pointer) => [pointer, "Fill this in"])));
    if (missing.length > 0 || unreadable.size > 0) return focusFirstError();
    try {
      const headers = { "idempotency-key": key.current };
      const body = { workflow, input: value ?? {}, tags };
      const run = await api.post<AcceptedRun>("/runs", body, { headers });
      // Whoever has gone elsewhere meanwhile stays there.
      if (isThere.current) onStarted(run);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(toProblem(error));
      setErrors(placeIssues(error.problem));
      focusFirstError();
    }
  }

  const form = {
    root,
    errors: new Map([...errors, ...unreadable]),
    hasUnreadable: unreadable.size > 0,
    onUnreadable: (pointer: string, message: string | null) =>
      setUnreadable((old) => withEntry(old, pointer, message)),
  };
  return { root, value, change, form, problem, submit };
}

function TagsField({ value, onChange }: { value: string; onChange: (tags: string) => void }) {
  return (
    <Field label="Tags" hint="What the run is found by; separated by spaces">
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

function tagsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((tag) => tag !== "");
}

function withEntry(map: FieldErrors, key: string, value: string | null): FieldErrors {
  const rest = [...map].filter(([one]) => one !== key);
  return new Map(value === null ? rest : [...rest, [key, value]]);
}

/** After the next rendering, when the fields show what is wrong with them. */
function focusFirstError(): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>('.start-form [aria-invalid="true"]')?.focus()
  );
}
