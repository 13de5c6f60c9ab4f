/**
 * What an error thrown by an agent means, as code and message. Runs inside the worker.
 *
 * @module
 */

/** An error on its way out of the worker. */
export interface Failure {
  code: string;
  message: string;
  retryable: boolean | null;
  /** JSON text, or `null`. */
  details: string | null;
}

/** Details beyond this are left out: they are for machines, not for payloads. */
const DETAILS_CHARS_MAX = 65_536;
/** The node cuts again, shorter; this keeps a megabyte from travelling. */
const MESSAGE_CHARS_MAX = 16_384;

/** An error with a code, for what the boot code itself refuses. */
export function codedError(code: string, message: string): Error {
  const error = new Error(message) as Error & { code: string };
  error.name = "AgentError";
  error.code = code;
  return error;
}

/** Total: whatever was thrown, even a hostile proxy, becomes a failure. */
export function toFailure(thrown: unknown): Failure {
  try {
    return describe(thrown);
  } catch {
    return failure("FAILED", "The agent threw something that cannot be read");
  }
}

function failure(code: string, message: string): Failure {
  return { code, message: message.slice(0, MESSAGE_CHARS_MAX), retryable: null, details: null };
}

function describe(thrown: unknown): Failure {
  if (typeof thrown !== "object" || thrown === null) return failure("FAILED", String(thrown));
  const { name, message, code, retryable, details } = thrown as Record<string, unknown>;
  const text = typeof message === "string" ? message : String(thrown);
  if (name === "AgentError" && typeof code === "string") {
    return {
      ...failure(code, text),
      retryable: typeof retryable === "boolean" ? retryable : null,
      details: toDetails(details),
    };
  }
  const known = knownCode(thrown);
  if (known !== null) return failure(known, text);
  return failure(
    "FAILED",
    typeof name === "string" && name !== "Error" ? `${name}: ${text}` : text,
  );
}

/** Follows `cause`: libraries wrap what the system said. */
function knownCode(thrown: unknown): string | null {
  let error = thrown;
  for (let depth = 0; depth < 8 && typeof error === "object" && error !== null; depth++) {
    const { name, message, cause } = error as Record<string, unknown>;
    const text = typeof message === "string" ? message : "";
    if (isDenial(name, text)) return "PERMISSION_DENIED";
    if (name === "RangeError" && /allocation failed|out of memory/i.test(text)) {
      return "OUT_OF_MEMORY";
    }
    error = cause;
  }
  return null;
}

/** Refused imports come as a `TypeError`: only their text tells. */
function isDenial(name: unknown, text: string): boolean {
  return name === "NotCapable" || name === "PermissionDenied" ||
    /^Denied: |\bDenied: [a-z]+ is not granted|Requires .{1,200} access to |--cached-only is specified/
      .test(text.slice(0, 2_048));
}

function toDetails(details: unknown): string | null {
  if (typeof details !== "object" || details === null || Array.isArray(details)) return null;
  try {
    const text = JSON.stringify(details);
    return text.startsWith("{") && text.length <= DETAILS_CHARS_MAX ? text : null;
  } catch {
    return null;
  }
}
