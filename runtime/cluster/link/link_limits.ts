/** What nodes ask of each other at most. */
export const LINK_LIMITS = {
  /** Of one request or answer. */
  bodyBytesMax: 32 * 1024 * 1024,
  /** Of all requests that are being read or answered. */
  bodiesBytesMax: 256 * 1024 * 1024,
  /** Requests that are being answered, and calls that wait for an answer. */
  callsMax: 4_096,
  /** How long the body of a request may take to arrive. */
  bodyMs: 10_000,
  /** How long an answer may take, whatever the caller allows. */
  answerMsMax: 24 * 3_600_000,
} as const;

/** How long the caller waits, in milliseconds. */
export const TIMEOUT_HEADER = "denizen-timeout-ms";

/** Names a call that its caller may give up by {@linkcode GIVE_UP}. */
export const CALL_HEADER = "denizen-call";

/** Method by which a caller says that it waits no longer: a closed connection shows too late. */
export const GIVE_UP = "give-up";
