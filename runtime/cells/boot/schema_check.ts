/**
 * Checks values against schemas of any library that follows https://standardschema.dev. Runs inside
 * the worker.
 *
 * @module
 */
import { codedError } from "./failure.ts";

/** What `import { z } from "zod"` and its kin make. */
export interface Schema {
  "~standard": { validate(value: unknown): Validation | Promise<Validation> };
}

interface Validation {
  value?: unknown;
  issues?: readonly { message: string; path?: readonly unknown[] }[];
}

/** What a message or a capability takes and gives. */
export interface Contract {
  input?: Schema;
  output?: Schema;
}

/**
 * The value as the schema makes it, defaults filled in. Answers at once where the schema does.
 *
 * @param what subject of the error's message: `Input`, `Output`, `State` …
 */
export function check(
  schema: Schema,
  value: unknown,
  code: string,
  what: string,
): unknown {
  const validation = schema["~standard"].validate(value);
  return validation instanceof Promise
    ? validation.then((result) => accept(result, code, what))
    : accept(validation, code, what);
}

function accept({ value, issues }: Validation, code: string, what: string): unknown {
  if (issues === undefined || issues.length === 0) return value;
  const places = issues.slice(0, 10).map(({ path, message }) => `${toPath(path)}: ${message}`);
  const error = codedError(code, `${what} does not fit the schema: ${places.join("; ")}`);
  throw Object.assign(error, {
    // The same payload fits no better when it comes again.
    ...(code === "INVALID_INPUT" ? { retryable: false } : {}),
    details: {
      issues: issues.slice(0, 100).map(({ path, message }) => ({ path: toPath(path), message })),
    },
  });
}

/** `files[0].path`; `(root)` for the value itself. */
export function toPath(path: readonly unknown[] = []): string {
  const keys = path.map((part) =>
    typeof part === "object" && part !== null ? (part as { key: unknown }).key : part
  );
  const text = keys.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("");
  return text === "" ? "(root)" : text.replace(/^\./, "");
}
