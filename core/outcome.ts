import type { ErrorData } from "./errors.ts";
import type { Json } from "./json.ts";

/** What came of an attempt. */
export type AttemptOutcome =
  | { status: "completed"; output: Json }
  | {
    status: "failed";
    error: ErrorData;
    /** The attempt was a bystander: node or neighbour died. It does not count as a failure. */
    lost?: boolean;
  };
