import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** Attributes that tie a control to its label, hint and error. */
export interface FieldControl {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
  "aria-required": "true" | undefined;
}

/** A labelled control with its hint and error. */
export function Field(
  { label, hint, error, isRequired = false, isWide = false, children }: {
    label: ComponentChildren;
    hint?: ComponentChildren;
    error?: string | null;
    isRequired?: boolean;
    isWide?: boolean;
    children: (control: FieldControl) => ComponentChildren;
  },
) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].join(" ").trim();
  return (
    <div class={`field ${isWide ? "is-wide" : ""}`}>
      <label class="field-label" for={id}>
        {label}
        {isRequired && <span class="required" aria-hidden="true">*</span>}
      </label>
      {children({
        id,
        "aria-describedby": described || undefined,
        "aria-invalid": error ? "true" : undefined,
        "aria-required": isRequired ? "true" : undefined,
      })}
      {hint && <div class="field-hint" id={`${id}-hint`}>{hint}</div>}
      {error && <div class="field-error" id={`${id}-error`}>{error}</div>}
    </div>
  );
}
