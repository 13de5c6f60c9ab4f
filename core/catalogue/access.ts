import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** Why the control plane refuses who asks. */
export const ACCESS_ERRORS = {
  AUTHENTICATION_REQUIRED: entry(
    "access",
    "A request has no key, token or session.",
    "Send `Authorization: Bearer KEY`, or sign in with the dashboard.",
  ),
  CREDENTIALS_INVALID: entry(
    "access",
    "A key, token or session is malformed, unknown, altered, replaced or revoked.",
    "Check that it is whole; make another one where it was revoked. The audit log has the reason.",
  ),
  CREDENTIALS_EXPIRED: entry(
    "access",
    "The time of a key, token or session is over.",
    "Refresh the token, sign in again, or make another key.",
  ),
  SIGN_IN_LINK_INVALID: entry(
    "access",
    "A one-time link was used before, is older than ten minutes, or never was one.",
    "Make another one with `denizen open`, or sign in with a key.",
  ),
  REFRESH_TOKEN_REUSED: entry(
    "access",
    "A refresh token came a second time, so one of the two senders has stolen it; its family was revoked.",
    "Ask for new tokens with the key. Rotate the key if it may have been read, too.",
  ),
  KEY_REQUIRED: entry(
    "access",
    "Tokens were asked for with a token or a session.",
    "Send the key itself.",
  ),
  RIGHTS_EXCEEDED: entry(
    "access",
    "Somebody wanted to hand out a key that may more than they.",
    "Narrow the key, or use one with more rights.",
  ),
  CSRF_REFUSED: entry(
    "access",
    "A session's cookie came without a proof that our own page sent the request.",
    "Send the `csrfToken` of `GET /api/v1/auth/me` as `X-CSRF-Token`, and the node's own origin as " +
      "`Origin`, as browsers do; programs send a key instead.",
  ),
  HOST_NOT_ALLOWED: entry(
    "access",
    "A request was sent to a host name that the node does not answer to (DNS rebinding).",
    "Use an address that `serve` has printed, or start it with `--allowed-host NAME`.",
  ),
  ORIGIN_NOT_ALLOWED: entry(
    "access",
    "A page of another origin wanted to change something, or to open a WebSocket.",
    "Start `serve` with `--cors-origin ORIGIN` if that page is yours.",
  ),
  TOO_MANY_SIGN_INS: entry(
    "unavailable",
    "Too many wrong keys, tokens, links or sessions came from one address.",
    "Wait for the time that `Retry-After` says. The audit log shows what was tried.",
    TRANSIENT,
  ),
  TOO_MANY_REQUESTS: entry(
    "unavailable",
    "A key, or an address, has used up its budget of requests.",
    "Wait for the time that `Retry-After` says, and send fewer.",
    TRANSIENT,
  ),
  TOO_MANY_STREAMS: entry(
    "unavailable",
    "A key has as many event streams and WebSockets open at this node as it may.",
    "Close some, follow all runs with one stream, or ask another node.",
    TRANSIENT,
  ),
  KEY_INVALID: entry(
    "invalid_input",
    "A key cannot be made, or rotated, with these values.",
    "The message names the value, the hint says what is allowed.",
  ),
  KEY_NOT_FOUND: entry(
    "invalid_input",
    "No key has this id.",
    "`keys list` shows the ids.",
  ),
  KEY_REVOKED: entry(
    "conflict",
    "The key was revoked, for good.",
    "Make another one with `keys create`.",
  ),
  ROLE_INSUFFICIENT: entry(
    "access",
    "The role of the key, session or token does not have this right.",
    "Use a key with the role that the message names; an admin makes one with `keys create`.",
  ),
  SCOPE_MISSING: entry(
    "access",
    "The scopes of the key leave this action out.",
    "Use a key that has the scope.",
  ),
  PART_ONLY: entry(
    "access",
    "The key is for a tenant, workflow or tag only, and this concerns all of them.",
    "Use a key without such limits.",
  ),
  OTHER_TENANT: entry(
    "access",
    "The thing belongs to another tenant. Over HTTP it is answered as not found.",
    "Use a key of that tenant.",
  ),
  WORKFLOW_NOT_ALLOWED: entry(
    "access",
    "The key is for other workflows.",
    "Use a key whose patterns of workflows fit.",
  ),
  TAG_NOT_ALLOWED: entry(
    "access",
    "The thing carries none of the tags that the key is for.",
    "Use a key whose tags fit, or give the run one of them.",
  ),
} satisfies Record<string, CatalogueEntry>;
