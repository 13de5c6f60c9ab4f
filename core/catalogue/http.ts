import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** What a node answers to requests that HTTP itself has an answer for. */
export const HTTP_ERRORS = {
  REQUEST_INVALID: entry(
    "invalid_input",
    "A parameter, header or body of the request does not fit what the route takes.",
    "Look at `issues`: each names a place. `/docs` has what the route takes.",
  ),
  CURSOR_INVALID: entry(
    "invalid_input",
    "A cursor was altered, or belongs to another list or other filters.",
    "Send `nextCursor` of the page before as it is, with the same filters; or begin anew.",
  ),
  BODY_NOT_JSON: entry(
    "invalid_input",
    "The body of a request is no JSON text.",
    "Send one JSON value.",
  ),
  BODY_NOT_TEXT: entry(
    "invalid_input",
    "The body of a request is not UTF-8.",
    "Send JSON in UTF-8.",
  ),
  BODY_TOO_DEEP: entry(
    "invalid_input",
    "The JSON of a request is nested too deep.",
    "Send flatter values.",
  ),
  BODY_TOO_LARGE: entry(
    "invalid_input",
    "The body of a request is larger than the route takes.",
    "Send less, or in several requests.",
  ),
  BODY_TOO_SLOW: entry(
    "unavailable",
    "The body of a request did not come within its time.",
    "Send the whole body at once.",
    TRANSIENT,
  ),
  BODY_CUT_OFF: entry(
    "unavailable",
    "A connection ended before the body of its request was whole.",
    "Send the request again.",
    TRANSIENT,
  ),
  MEDIA_TYPE_WRONG: entry(
    "invalid_input",
    "The body of a request is not of a media type that the route takes.",
    "Send it with `Content-Type: application/json`.",
  ),
  NOT_ACCEPTABLE: entry(
    "invalid_input",
    "The route has no answer of a media type that `Accept` names.",
    "Accept one of the types that the answer names.",
  ),
  METHOD_NOT_ALLOWED: entry(
    "invalid_input",
    "The path is there, but not with this method.",
    "Use one of the methods that `Allow` names.",
  ),
  PATH_NOT_FOUND: entry(
    "invalid_input",
    "The node has nothing at this path.",
    "See what there is at `/docs`.",
  ),
  UPGRADE_NEEDED: entry(
    "invalid_input",
    "A plain request came where only a WebSocket is talked to.",
    "Connect with a WebSocket client; `/api/v1/events` has the same over HTTP.",
  ),
  PRECONDITION_FAILED: entry(
    "conflict",
    "What was to be changed is not what `If-Match` or `If-None-Match` says.",
    "Read it again, and send its `ETag` as `If-Match`.",
  ),
  PRECONDITION_REQUIRED: entry(
    "invalid_input",
    "A change came without `If-Match`, so it might undo what somebody else did.",
    "Send the `ETag` that was read as `If-Match`; or `If-None-Match: *` to make it anew.",
  ),
  TOO_MANY_REQUESTS_AT_ONCE: entry(
    "unavailable",
    "The node answers as many requests as it can at the same time.",
    "Try again after the time that `Retry-After` says, or ask another node.",
    TRANSIENT,
  ),
  NODE_NOT_READY: entry(
    "unavailable",
    "The node takes no changes now: it starts or stops, or cannot reach its store.",
    "Try again after the time that `Retry-After` says, or ask another node.",
    TRANSIENT,
  ),
  ANSWER_TOO_SLOW: entry(
    "unavailable",
    "An answer took longer than it may.",
    "Look whether it was done, then try again.",
    TRANSIENT,
  ),
  CLIENT_LEFT: entry(
    "unavailable",
    "Whoever asked has gone, so the answer was not looked for any further.",
    "Ask again, and wait for the answer.",
    TRANSIENT,
  ),
  ANSWER_INVALID: entry(
    "invariant",
    "An answer of the node does not fit what the reference says of it.",
    "Report it with the answer's `details`.",
  ),
} satisfies Record<string, CatalogueEntry>;
