/**
 * What the reader should do next, as in `core/errors.ts`; `attempt` codes are what came of an
 * attempt of a task, and what `retry.on` may name.
 */
export type ErrorCategory =
  | "invalid_input"
  | "conflict"
  | "unavailable"
  | "access"
  | "terminal"
  | "invariant"
  | "attempt";

/** One row of the catalogue. */
export interface CatalogueEntry {
  category: ErrorCategory;
  /** `fatal`: the process ends; `error`: the request, task or run fails; `warning`: it goes on. */
  severity: "fatal" | "error" | "warning";
  /** Whether another try may succeed with nothing changed. */
  isTransient: boolean;
  /** What it means, one sentence. */
  summary: string;
  /** What to do about it, one or two sentences. */
  hint: string;
}

/** A row; of severity `error` and not transient unless `options` say otherwise. */
export function entry(
  category: ErrorCategory,
  summary: string,
  hint: string,
  options: { severity?: CatalogueEntry["severity"]; isTransient?: boolean } = {},
): CatalogueEntry {
  return {
    category,
    severity: options.severity ?? "error",
    isTransient: options.isTransient ?? false,
    summary,
    hint,
  };
}

/** Options of an {@linkcode entry} that another try may do away with. */
export const TRANSIENT = { isTransient: true };
