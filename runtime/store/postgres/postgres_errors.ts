import { DenizenError, InvalidInputError, UnavailableError } from "../../../core/errors.ts";

/** A try that did not come to its end, through no fault of what was tried. */
export class Interruption extends Error {
  /** Whether the connections are of no use any more. */
  readonly isBroken: boolean;
  /** Whether the server may have done it all the same. */
  readonly isOutcomeUnknown: boolean;

  constructor(cause: unknown, options: { isBroken: boolean; isOutcomeUnknown: boolean }) {
    super(reasonOf(cause), { cause });
    this.isBroken = options.isBroken;
    this.isOutcomeUnknown = options.isOutcomeUnknown;
  }

  /** What the caller gets when no further try is made. */
  unavailable(display: string): UnavailableError {
    const outcome = this.isOutcomeUnknown ? "; whether it was done is unknown" : "";
    return new UnavailableError("STORE_UNAVAILABLE", {
      message: `Could not reach the store at "${display}": ${this.message}${outcome}`,
      hint: "Check that the server runs and that host and port are right, then try again",
      details: { store: display },
      cause: this.cause,
    });
  }
}

/** Our own code of a pool that makes no more connections. */
export const POOL_WORN = "POOL_WORN";

/** Codes of connections that never came to be, so that nothing was sent over them. */
const NOT_CONNECTED = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "CONNECT_TIMEOUT",
  POOL_WORN,
]);

/** Codes of connections that broke at whatever point. */
const BROKEN = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_DESTROYED",
  "CONNECTION_ENDED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
]);

/** SQLSTATE: the server did nothing, and another try may find it in a better state. */
const AGAIN: Readonly<Record<string, { isBroken: boolean }>> = {
  "25006": { isBroken: true }, // read_only_sql_transaction: a standby
  "40001": { isBroken: false }, // serialization_failure
  "40P01": { isBroken: false }, // deadlock_detected
  "53300": { isBroken: true }, // too_many_connections
  "57014": { isBroken: false }, // query_canceled
  "57P03": { isBroken: true }, // cannot_connect_now: it starts or stops
};

/**
 * SQLSTATE: the server ended the connection. With synchronous replication it may have committed
 * locally before.
 */
const ENDED = /^(57P0[1245]|25P03|08...)$/;

/** SQLSTATE of refusals that an administrator must mend. */
const REFUSED: Readonly<Record<string, string>> = {
  "28000": "Check user and password in the URL, or PGPASSWORD",
  "28P01": "Check user and password in the URL, or PGPASSWORD",
  "3D000": "Create the database first, or name another one in the URL",
  "42501":
    "Let an administrator run: create schema SCHEMA authorization USER; or grant what is missing",
};

/** SQLSTATE classes of a server that cannot work now: no room, no memory, I/O errors. */
const IN_NEED = /^(53|58)...$/;

/** SQLSTATE of values that no table takes: a name over 2,700 bytes, a character of code 0. */
const NOT_STORABLE = new Set(["54000", "22021"]);

/** What an error of the driver means; errors of our own pass. */
export function readError(error: unknown, display: string): unknown {
  if (error instanceof DenizenError) return error;
  const code = codeOf(error);
  if (NOT_CONNECTED.has(code)) {
    return new Interruption(error, { isBroken: true, isOutcomeUnknown: false });
  }
  const again = AGAIN[code];
  if (again !== undefined) return new Interruption(error, { ...again, isOutcomeUnknown: false });
  if (BROKEN.has(code) || ENDED.test(code)) {
    return new Interruption(error, { isBroken: true, isOutcomeUnknown: true });
  }
  return refusal(code, error, display);
}

function refusal(code: string, cause: unknown, display: string): unknown {
  const hint = REFUSED[code];
  const details = { store: display, sqlState: code };
  if (hint !== undefined) {
    const message = `Could not use the store at "${display}": ${reasonOf(cause)}`;
    return new UnavailableError("STORE_ACCESS_REFUSED", { message, hint, details, cause });
  }
  if (NOT_STORABLE.has(code)) {
    return new InvalidInputError("STORED_VALUE_TOO_LARGE", {
      message: `Cannot store a value: ${reasonOf(cause)}`,
      hint: "Use shorter names, without characters of code 0",
      details,
      cause,
    });
  }
  if (IN_NEED.test(code)) {
    return new UnavailableError("STORE_UNAVAILABLE", {
      message: `Could not write to the store at "${display}": ${reasonOf(cause)}`,
      hint: "Look at disk, memory and log of the PostgreSQL server",
      details,
      cause,
    });
  }
  return cause;
}

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : "";
}

/** The driver's messages name hosts, ports and users, and never a password. */
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || String(error);
}
