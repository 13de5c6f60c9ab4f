/**
 * What those are told who are not let in: enough to mend it, nothing to guess by.
 *
 * @module
 */
import { ForbiddenError, RateLimitedError, UnauthenticatedError } from "../../core/errors.ts";

export function authenticationRequired(): UnauthenticatedError {
  return new UnauthenticatedError("AUTHENTICATION_REQUIRED", {
    message: "Cannot tell who asks: the request has no key, token or session",
    hint: "Send `Authorization: Bearer KEY`, or sign in with the dashboard",
  });
}

/** Whatever is wrong with it: only who holds a right one is told that its time is over. */
export function credentialsInvalid(reason: string): UnauthenticatedError {
  if (reason === "expired") {
    return new UnauthenticatedError("CREDENTIALS_EXPIRED", {
      message: "Cannot accept the key, token or session: its time is over",
      hint: "Refresh the token, sign in again, or ask for another key",
    });
  }
  return new UnauthenticatedError("CREDENTIALS_INVALID", {
    message: "Cannot accept the key, token or session",
    hint: "Check that it is whole; it may have been revoked or replaced",
  });
}

export function linkInvalid(): UnauthenticatedError {
  return new UnauthenticatedError("SIGN_IN_LINK_INVALID", {
    message: "Cannot sign in with this link: each counts once, for ten minutes",
    hint: "Run `denizen open` for another one, or sign in with a key",
  });
}

export function refreshTokenInvalid(reason: string): UnauthenticatedError {
  if (reason !== "used") return credentialsInvalid(reason);
  return new UnauthenticatedError("REFRESH_TOKEN_REUSED", {
    message: "Cannot accept a refresh token a second time: all tokens of its family were revoked",
    hint: "Ask for new tokens with the key; when you did not use it twice, somebody else has it",
  });
}

/** @param missing what would have proved that our own page sends the request */
export function csrfRefused(missing: "origin" | "token"): ForbiddenError {
  const own = "this node's own origin as `Origin`";
  return new ForbiddenError("CSRF_REFUSED", {
    message: "Cannot take the session's cookie: the request does not prove that our page sends it",
    hint: missing === "origin"
      ? `Send ${own}, beside \`X-CSRF-Token\` where something changes; programs use a key`
      : `Send the \`csrfToken\` of \`GET /api/v1/auth/me\` as \`X-CSRF-Token\`, and ${own}; ` +
        "programs use a key",
  });
}

export function keyRequired(): ForbiddenError {
  return new ForbiddenError("KEY_REQUIRED", {
    message: "Cannot make tokens without a key: tokens and sessions make no others",
    hint: "Send the key itself as `Authorization: Bearer KEY`",
  });
}

export function tooManyFailures(retryAfterMs: number): RateLimitedError {
  return new RateLimitedError("TOO_MANY_SIGN_INS", {
    message:
      "Cannot look at another key, token or session of this address now: too many were wrong",
    hint: "Wait for the time that Retry-After says",
    retryAfterMs,
  });
}

export function tooManyRequests(group: string, retryAfterMs: number): RateLimitedError {
  return new RateLimitedError("TOO_MANY_REQUESTS", {
    message: `Cannot take more requests of group "${group}" now`,
    hint: "Wait for the time that Retry-After says, and send fewer",
    details: { group },
    retryAfterMs,
  });
}
