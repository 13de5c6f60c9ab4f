/**
 * How people and programs come by sessions and tokens, and rid of them.
 *
 * @module
 */
import type { Clock } from "../../core/ports.ts";
import type { AccessJournal } from "./access_journal.ts";
import { ACCESS_TOKEN_S, signAccessToken } from "./access_tokens.ts";
import type { Authenticator, CredentialShelves } from "./authenticator.ts";
import {
  credentialsInvalid,
  keyRequired,
  linkInvalid,
  refreshTokenInvalid,
  tooManyFailures,
} from "./refusals.ts";
import { placeOf, type Proof, type Remote, type RequestPlace } from "./request_context.ts";
import { cookiePlaceOf, setCookie } from "./session_cookie.ts";
import type { SessionOrigin } from "./sessions.ts";
import type { LinkHolder, SignInLinks } from "./sign_in_links.ts";

/** Tokens for a program. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  tokenType: "Bearer";
  expiresInS: number;
}

/** A session that was opened; `setCookie` is the header that gives it to the browser. */
export interface OpenedSession {
  proof: Proof;
  setCookie: string;
}

export interface SignInDeskOptions {
  shelves: CredentialShelves;
  links: SignInLinks;
  authenticator: Authenticator;
  journal: AccessJournal;
  clock: Clock;
}

export class SignInDesk {
  readonly #options: SignInDeskOptions;

  constructor(options: SignInDeskOptions) {
    this.#options = options;
  }

  /**
   * Signs a browser in by a one-time link.
   *
   * @throws {UnauthenticatedError} `SIGN_IN_LINK_INVALID`
   * @throws {RateLimitedError} `TOO_MANY_SIGN_INS`
   */
  async signIn(token: string, request: Request, remote: Remote): Promise<OpenedSession> {
    const { links, journal } = this.#options;
    const place = placeOf(request, remote);
    this.#refuseFlood(place);
    const verdict = await links.use(token);
    if (!verdict.isValid) {
      const { reason } = verdict;
      this.#options.authenticator.countFailure(remote.address);
      const error = linkInvalid();
      journal.refuse({ place, code: error.code, message: error.message, reason });
      throw error;
    }
    return await this.#open({ holder: verdict.holder }, request, remote);
  }

  /**
   * Signs a browser in by a key.
   *
   * @throws {UnauthenticatedError} `CREDENTIALS_INVALID`, `CREDENTIALS_EXPIRED`
   * @throws {RateLimitedError} `TOO_MANY_SIGN_INS`
   */
  async openSession(apiKey: string, request: Request, remote: Remote): Promise<OpenedSession> {
    const { shelves, journal, authenticator } = this.#options;
    const place = placeOf(request, remote);
    this.#refuseFlood(place);
    const verdict = await shelves.keys.check(apiKey);
    if (!verdict.isValid) {
      authenticator.countFailure(remote.address);
      const error = credentialsInvalid(verdict.reason);
      const { code, message } = error;
      journal.refuse({ place, code, message, reason: `key ${verdict.reason}` });
      throw error;
    }
    await shelves.keys.noteUse(verdict.key);
    return await this.#open({ stamp: verdict.stamp }, request, remote);
  }

  async #open(origin: SessionOrigin, request: Request, remote: Remote): Promise<OpenedSession> {
    const { shelves, authenticator, journal } = this.#options;
    const { text } = await shelves.sessions.open(origin);
    const verdict = await authenticator.check({ from: "cookie", text }, remote.address);
    if (!verdict.isValid) throw credentialsInvalid(verdict.reason);
    const { proof } = verdict;
    const { principal } = proof;
    const how = "holder" in origin ? "a one-time link" : "a key";
    const place = placeOf(request, remote);
    journal.grant({ principal, place, code: "sign-in", message: `Signed in by ${how}` });
    return { proof, setCookie: setCookie(cookiePlaceOf(new URL(request.url)), text) };
  }

  /** Ends the session, if it is one. @returns the header that takes the cookie away */
  async signOut(proof: Proof, request: Request, remote: Remote): Promise<string> {
    const { shelves, authenticator, journal } = this.#options;
    const { sessionId, principal } = proof;
    if (sessionId !== null) {
      await shelves.sessions.end(sessionId);
      authenticator.forget();
      const place = placeOf(request, remote);
      journal.grant({ principal, place, code: "sign-out", message: "Ended the session" });
    }
    return setCookie(cookiePlaceOf(new URL(request.url)), null);
  }

  /**
   * Makes tokens by a key.
   *
   * @throws {ForbiddenError} `KEY_REQUIRED`: tokens and sessions cannot prolong themselves so
   */
  async issueTokens(proof: Proof, request: Request, remote: Remote): Promise<TokenPair> {
    const { shelves, journal } = this.#options;
    const { principal, stamp } = proof;
    const place = placeOf(request, remote);
    if (principal.via !== "key" || stamp === null) {
      const error = keyRequired();
      journal.refuse({ principal, place, code: error.code, message: error.message });
      throw error;
    }
    const { family, text } = await shelves.families.open(stamp);
    journal.grant({ principal, place, code: "token", message: "Made tokens by a key" });
    return await this.#pair(stamp.keyId, family.id, text);
  }

  /**
   * Makes the next tokens of a family.
   *
   * @throws {UnauthenticatedError} `REFRESH_TOKEN_REUSED`, `CREDENTIALS_INVALID`,
   *   `CREDENTIALS_EXPIRED`
   * @throws {RateLimitedError} `TOO_MANY_SIGN_INS`
   */
  async refresh(refreshToken: string, request: Request, remote: Remote): Promise<TokenPair> {
    const { shelves, journal } = this.#options;
    const place = placeOf(request, remote);
    this.#refuseFlood(place);
    const verdict = await shelves.families.rotate(refreshToken);
    if (!verdict.isValid) throw this.#refuseToken(verdict, place);
    const { family, text } = verdict;
    const found = await shelves.keys.checkStamp(family.stamp);
    if (!found.isValid) {
      throw this.#refuseToken({ reason: found.reason, keyId: family.stamp.keyId }, place);
    }
    const { id, name, role, scopes, tenant, workflows, tags } = found.key;
    const rights = { role, scopes, tenant, workflows, tags };
    const principal = { id, name, ...rights, via: "jwt" as const };
    journal.grant({ principal, place, code: "token", message: "Refreshed tokens" });
    return await this.#pair(family.stamp.keyId, family.id, text);
  }

  /** Ends the family of a refresh token. One that nobody knows changes nothing (RFC 7009 §2.2). */
  async revokeTokens(refreshToken: string, request: Request, remote: Remote): Promise<void> {
    const { shelves, journal, authenticator } = this.#options;
    const place = placeOf(request, remote);
    this.#refuseFlood(place);
    const verdict = await shelves.families.revoke(refreshToken);
    authenticator.forget();
    if (verdict.isValid) {
      const to = `key:${verdict.family.stamp.keyId}`;
      journal.grant({ place, to, code: "token-revoke", message: "Revoked a family of tokens" });
    } else this.#refuseToken(verdict, place);
  }

  #refuseToken(
    { reason, keyId }: { reason: string; keyId: string | null },
    place: RequestPlace,
  ): Error {
    const { authenticator, journal } = this.#options;
    authenticator.countFailure(place.remote);
    if (reason === "used") authenticator.forget();
    const error = refreshTokenInvalid(reason);
    const { code, message } = error;
    const to = keyId === null ? undefined : `key:${keyId}`;
    journal.refuse({ place, code, message, reason, ...(to === undefined ? {} : { to }) });
    return error;
  }

  async #pair(keyId: string, familyId: string, refreshToken: string): Promise<TokenPair> {
    const { shelves, clock } = this.#options;
    const accessToken = await signAccessToken(shelves.signing, clock, { keyId, familyId });
    return { accessToken, refreshToken, tokenType: "Bearer", expiresInS: ACCESS_TOKEN_S };
  }

  #refuseFlood(place: RequestPlace): void {
    const { authenticator, journal } = this.#options;
    const retryAfterMs = authenticator.waitMs(place.remote);
    if (retryAfterMs === 0) return;
    const error = tooManyFailures(retryAfterMs);
    journal.refuse({ place, code: error.code, message: error.message });
    throw error;
  }

  /** Text of a link that signs its holder in, once. */
  async link(holder: LinkHolder): Promise<string> {
    return await this.#options.links.create(holder);
  }
}
