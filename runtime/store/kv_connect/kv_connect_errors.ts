import { InvalidInputError, UnavailableError } from "../../../core/errors.ts";

/** A try that did not come to its end, through no fault of what was tried: try again. */
export class Interruption extends Error {}

/** The server will not do this request as it is: a bug of ours, or a value that is too large. */
export class RequestRefused extends TypeError {}

/** What the caller gets when no further try is made. */
export function unavailable(url: string, cause: Error, isWrite: boolean): UnavailableError {
  const outcome = isWrite ? "; whether it was written is unknown" : "";
  return new UnavailableError("STORE_UNAVAILABLE", {
    message: `Could not reach the store at "${url}": ${cause.message}${outcome}`,
    hint: "Check that the server runs and that host and port are right, then try again",
    details: { store: url },
    cause,
  });
}

/** The store was closed while something was under way, or before. */
export function closed(url: string): UnavailableError {
  return new UnavailableError("STORE_UNAVAILABLE", {
    message: `Could not use the store at "${url}": it was closed`,
    hint: "Open the store again",
    details: { store: url },
  });
}

/** The database is not the one that was written to before. */
export function replaced(url: string): UnavailableError {
  return new UnavailableError("STORE_UNAVAILABLE", {
    message: `Could not tell what was written to the store at "${url}": its database was replaced`,
    hint: "Start this process again, so that it reads the store anew",
    details: { store: url },
  });
}

export function tokenMissing(url: string): UnavailableError {
  return new UnavailableError("STORE_ACCESS_REFUSED", {
    message: `Cannot use the store at "${url}" without an access token`,
    hint: "Set DENO_KV_ACCESS_TOKEN to the token that the server was started with",
    details: { store: url },
  });
}

export function tokenRefused(url: string, reason: string): UnavailableError {
  return new UnavailableError("STORE_ACCESS_REFUSED", {
    message: `Cannot use the store at "${url}", which refuses the access token: ${reason}`,
    hint: "Set DENO_KV_ACCESS_TOKEN to the token that the server was started with",
    details: { store: url },
  });
}

/** Something answers, and it is no KV Connect. */
export function noKvConnect(url: string, reason: string): InvalidInputError {
  return new InvalidInputError("STORE_URL_WRONG", {
    message: `Found no KV Connect server at "${url}": ${reason}`,
    hint: "Name the URL of a denokv server, such as --store http://localhost:4512",
    details: { store: url },
  });
}

export function protocolUnknown(url: string, reason: string): UnavailableError {
  return new UnavailableError("STORE_VERSION_WRONG", {
    message: `Cannot speak to the KV Connect server at "${url}": ${reason}`,
    hint: "Use a server that knows version 2 or 3 of the protocol, such as denokv 0.14",
    details: { store: url },
  });
}
