import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Json } from "../../../../core/json.ts";
import { Button, Field, type FieldControl } from "../parts/mod.ts";
import type { FieldErrors } from "./place_issues.ts";
import {
  escapePointer,
  initialValue,
  isObject,
  labelOf,
  type Schema,
  shapeOf,
} from "./schema_shape.ts";

/** What all fields of a form share. */
export interface FormContext {
  root: Schema;
  errors: FieldErrors;
  /** Places whose text is no value yet, such as half a number. */
  onUnreadable: (pointer: string, message: string | null) => void;
}

export interface SchemaFieldProps {
  name: string;
  schema: Schema;
  pointer: string;
  value: Json | undefined;
  isRequired: boolean;
  onChange: (value: Json | undefined) => void;
  form: FormContext;
}

/** One place of the input, whatever its schema asks for. */
export function SchemaField(props: SchemaFieldProps) {
  const { schema, form } = props;
  const shape = shapeOf(schema, form.root);
  switch (shape.kind) {
    case "text":
      return <TextField {...props} isLong={shape.isLong} />;
    case "number":
      return <NumberField {...props} isInteger={shape.isInteger} />;
    case "boolean":
      return <BooleanField {...props} />;
    case "choice":
      return <ChoiceField {...props} options={shape.options} />;
    case "list":
      return <ListField {...props} items={shape.items} />;
    case "object":
      return <ObjectField {...props} properties={shape.properties} />;
    case "json":
      return <JsonField {...props} />;
  }
}

function Labelled(
  { name, schema, pointer, isRequired, form, children }: Omit<SchemaFieldProps, "onChange"> & {
    children: (control: FieldControl) => ComponentChildren;
  },
) {
  return (
    <Field
      label={labelOf(name, schema)}
      hint={schema.description}
      error={form.errors.get(pointer)}
      isRequired={isRequired}
    >
      {children}
    </Field>
  );
}

/** An empty field is no text, unless the schema begins with one. */
function TextField(props: SchemaFieldProps & { isLong: boolean }) {
  const { schema, value, onChange, isLong, isRequired } = props;
  const text = typeof value === "string" ? value : "";
  const change = (event: { currentTarget: { value: string } }) => {
    const typed = event.currentTarget.value;
    const isEmpty = typed === "" && (isRequired || schema.default === undefined);
    onChange(isEmpty ? undefined : typed);
  };
  const example = schema.examples?.[0];
  const placeholder = typeof example === "string" ? example : undefined;
  return (
    <Labelled {...props}>
      {(control) =>
        isLong
          ? (
            <textarea
              {...control}
              class="input"
              rows={5}
              placeholder={placeholder}
              value={text}
              onInput={change}
            />
          )
          : (
            <input
              {...control}
              class="input"
              autocomplete="off"
              placeholder={placeholder}
              value={text}
              onInput={change}
            />
          )}
    </Labelled>
  );
}

function NumberField(props: SchemaFieldProps & { isInteger: boolean }) {
  const { value, onChange, isInteger, pointer, form } = props;
  const [text, setText] = useState(typeof value === "number" ? String(value) : "");

  function change(typed: string): void {
    setText(typed);
    const number = Number(typed);
    const isGood = Number.isFinite(number) && (!isInteger || Number.isInteger(number));
    const noun = isInteger ? "a whole number" : "a number";
    form.onUnreadable(pointer, typed.trim() === "" || isGood ? null : `"${typed}" is not ${noun}`);
    if (typed.trim() === "") onChange(undefined);
    else if (isGood) onChange(number);
  }

  return (
    <Labelled {...props}>
      {(control) => (
        <input
          {...control}
          class="input number"
          inputMode={isInteger ? "numeric" : "decimal"}
          autocomplete="off"
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}

function BooleanField({ name, schema, value, onChange, pointer, form }: SchemaFieldProps) {
  const error = form.errors.get(pointer);
  return (
    <div class="field">
      <label class="checkbox">
        <input
          type="checkbox"
          checked={value === true}
          aria-invalid={error ? "true" : undefined}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
        <span>
          <span class="field-label">{labelOf(name, schema)}</span>
          {schema.description && <span class="field-hint">{` ${schema.description}`}</span>}
        </span>
      </label>
      {error && <div class="field-error">{error}</div>}
    </div>
  );
}

function ChoiceField(props: SchemaFieldProps & { options: Json[] }) {
  const { options, value, onChange, isRequired } = props;
  const at = options.findIndex((option) => JSON.stringify(option) === JSON.stringify(value));
  return (
    <Labelled {...props}>
      {(control) => (
        <select
          {...control}
          class="input"
          value={String(at)}
          onChange={(event) => onChange(options[Number(event.currentTarget.value)])}
        >
          {(at < 0 || !isRequired) && <option value="-1">Choose…</option>}
          {options.map((option, index) => (
            <option key={index} value={String(index)}>
              {typeof option === "string" ? option : JSON.stringify(option)}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function ListField(props: SchemaFieldProps & { items: Schema }) {
  const { name, schema, items, value, onChange, pointer, form } = props;
  const list = Array.isArray(value) ? value : [];
  // Kept beside the values, so that removing one does not move the text of the others.
  const [keys, setKeys] = useState(() => list.map(() => crypto.randomUUID()));
  const error = form.errors.get(pointer);

  function add(): void {
    setKeys([...keys, crypto.randomUUID()]);
    onChange([...list, initialValue(items, form.root) ?? emptyValue(items, form.root)]);
  }
  function remove(index: number): void {
    setKeys(keys.toSpliced(index, 1));
    onChange(list.toSpliced(index, 1));
  }

  return (
    <fieldset class="fieldset">
      <legend>{labelOf(name, schema)}</legend>
      {schema.description && <div class="field-hint">{schema.description}</div>}
      {list.map((item, index) => (
        <div key={keys[index]} class="list-item">
          <SchemaField
            name={`${labelOf(name, schema)} ${index + 1}`}
            schema={items}
            pointer={`${pointer}/${index}`}
            value={item}
            isRequired
            onChange={(changed) =>
              onChange(list.with(index, changed ?? emptyValue(items, form.root)))}
            form={form}
          />
          <Button
            kind="quiet"
            icon="trash"
            label={`Remove ${labelOf(name, schema)} ${index + 1}`}
            onClick={() => remove(index)}
          />
        </div>
      ))}
      {error && <div class="field-error">{error}</div>}
      <span>
        <Button icon="plus" onClick={add}>Add</Button>
      </span>
    </fieldset>
  );
}

/** What stands in a list before somebody fills it in: a list has no gaps. */
function emptyValue(schema: Schema, root: Schema): Json {
  const { kind } = shapeOf(schema, root);
  if (kind === "object") return {};
  if (kind === "list") return [];
  if (kind === "boolean") return false;
  return kind === "text" ? "" : null;
}

function ObjectField(
  props: SchemaFieldProps & { properties: [string, Schema, boolean][] },
) {
  const { name, schema, pointer, form } = props;
  const error = form.errors.get(pointer);
  return (
    <fieldset class="fieldset">
      <legend>{labelOf(name, schema)}</legend>
      {schema.description && <div class="field-hint">{schema.description}</div>}
      {error && <div class="field-error">{error}</div>}
      <Properties {...props} />
    </fieldset>
  );
}

/** The members of an object, without a frame around them. */
export function Properties(
  { properties, value, onChange, pointer, form }:
    & Pick<SchemaFieldProps, "value" | "onChange" | "pointer" | "form">
    & { properties: [string, Schema, boolean][] },
) {
  const object = isObject(value) ? value : {};
  function change(name: string, changed: Json | undefined): void {
    const { [name]: _, ...rest } = object;
    onChange(changed === undefined ? rest : { ...object, [name]: changed });
  }
  return (
    <>
      {properties.map(([name, schema, isRequired]) => (
        <SchemaField
          key={name}
          name={name}
          schema={schema}
          pointer={`${pointer}/${escapePointer(name)}`}
          value={object[name]}
          isRequired={isRequired}
          onChange={(changed) => change(name, changed)}
          form={form}
        />
      ))}
    </>
  );
}

/** Anything, written as JSON. */
export function JsonField(props: SchemaFieldProps) {
  const { value, onChange, pointer, form } = props;
  const [text, setText] = useState(value === undefined ? "" : JSON.stringify(value, null, 2));

  function change(typed: string): void {
    setText(typed);
    if (typed.trim() === "") {
      form.onUnreadable(pointer, null);
      onChange(undefined);
      return;
    }
    try {
      onChange(JSON.parse(typed));
      form.onUnreadable(pointer, null);
    } catch (error) {
      form.onUnreadable(pointer, `Cannot read the JSON: ${(error as Error).message}`);
    }
  }

  return (
    <Labelled {...props}>
      {(control) => (
        <textarea
          {...control}
          class="input mono"
          rows={Math.min(16, Math.max(3, text.split("\n").length))}
          spellcheck={false}
          placeholder="JSON"
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
    </Labelled>
  );
}
