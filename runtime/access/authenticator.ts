/**
 * Who asks: looked up once, then known for a moment, so that most requests cost no look at the store.
 *
 * @module
 */
import type { Clock } from "../../core/ports.ts";
import type { Principal } from "../../rules/access/mod.ts";
import { isTokenText, readAccessToken } from "./access_tokens.ts";
import { ApiKeys, type KeyStamp, type KeyVerdict, type StoredKey } from "./api_keys.ts";
import { BucketShelf } from "./bucket_shelf.ts";
import { networkOf, type Proof } from "./request_context.ts";
import { digestOf } from "./secret_text.ts";
import { csrfTokenOf, type Sessions, type StoredSession } from "./sessions.ts";
import type { SigningKeys } from "./signing_keys.ts";
import type { TokenFamilies } from "./token_families.ts";

/** Where credentials are looked up. */
export interface CredentialShelves {
  keys: ApiKeys;
  sessions: Sessions;
  families: TokenFamilies;
  signing: SigningKeys;
}

/** What came of a credential; `retryAfterMs`: it was not even looked at. */
export type ProofVerdict =
  | { isValid: true; proof: Proof }
  | { isValid: false; reason: string; retryAfterMs: number | null };

/** Kinds of credentials, by where they stand in a request. */
export interface Credential {
  from: "header" | "cookie";
  text: string;
}

/** How long a revoked one may still be taken by another node. */
const KNOWN_MS = 2_000;
const KNOWN_MAX = 10_000;
/** Wrong credentials of one address: thirty at once, then one every two seconds. */
const FAILURES = { capacity: 30, perS: 0.5 };

interface Known {
  proof: Proof;
  /** `null`: it is to be looked at again, as something was revoked meanwhile. */
  checkedAt: number | null;
}

export class Authenticator {
  readonly #shelves: CredentialShelves;
  readonly #clock: Clock;
  /** By the credential itself: a digest would cost as much as all the rest of a request's check. */
  readonly #known = new Map<string, Known>();
  readonly #looking = new Map<string, Promise<ProofVerdict>>();
  readonly #failures: BucketShelf;
  /** How often something was revoked here. */
  #revocations = 0;

  constructor(shelves: CredentialShelves, clock: Clock, failures = FAILURES) {
    this.#shelves = shelves;
    this.#clock = clock;
    this.#failures = new BucketShelf(failures);
  }

  /**
   * Something was revoked here: every credential is looked at again when it comes next. That it was
   * right is not forgotten, or others at its address could lock it out by wrong ones.
   */
  forget(): void {
    this.#revocations++;
    for (const known of this.#known.values()) known.checkedAt = null;
  }

  /** @param remote address that wrong ones are counted against */
  check(credential: Credential, remote: string): ProofVerdict | Promise<ProofVerdict> {
    const name = `${credential.from} ${credential.text}`;
    const known = this.#known.get(name);
    const now = this.#clock.now();
    if (known !== undefined && isFresh(known, now) && !isOver(known.proof, now)) {
      return { isValid: true, proof: known.proof };
    }
    // Whoever was right a moment ago is looked at whatever others at their address do.
    const retryAfterMs = known === undefined ? this.#failures.look(networkOf(remote), now) : 0;
    if (retryAfterMs > 0) return { isValid: false, reason: "too many", retryAfterMs };
    return this.#looking.getOrInsertComputed(name, () => {
      return this.#look(credential, name, remote).finally(() => this.#looking.delete(name));
    });
  }

  /** Counts a wrong credential that was not looked up here: a link, a refresh token. */
  countFailure(remote: string): void {
    this.#failures.take(networkOf(remote), { now: this.#clock.now() });
  }

  /** How long an address must wait until another one is looked at; 0: it need not. */
  waitMs(remote: string): number {
    return this.#failures.look(networkOf(remote), this.#clock.now());
  }

  async #look(credential: Credential, name: string, remote: string): Promise<ProofVerdict> {
    // Taken before, so that what is revoked meanwhile is not known for longer.
    const checkedAt = this.#clock.now();
    const revocations = this.#revocations;
    const verdict = await this.#prove(credential, digestOf(name));
    this.#known.delete(name);
    if (!verdict.isValid) this.countFailure(remote);
    else {
      if (this.#known.size >= KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
      const isCurrent = revocations === this.#revocations;
      this.#known.set(name, { proof: verdict.proof, checkedAt: isCurrent ? checkedAt : null });
    }
    return verdict;
  }

  async #prove({ from, text }: Credential, digest: string): Promise<ProofVerdict> {
    if (from === "cookie") return await this.#proveSession(text, digest);
    if (ApiKeys.isOne(text)) return await this.#proveKey(text, digest);
    if (isTokenText(text)) return await this.#proveToken(text, digest);
    return wrong("malformed");
  }

  async #proveKey(text: string, digest: string): Promise<ProofVerdict> {
    const verdict = await this.#shelves.keys.check(text);
    if (!verdict.isValid) return wrong(verdict.reason);
    const { key, stamp } = verdict;
    await this.#shelves.keys.noteUse(key);
    const { expiresAt } = key;
    const principal = principalOfKey(key, "key");
    return right({ principal, digest, stamp, sessionId: null, csrfToken: null, expiresAt });
  }

  async #proveToken(text: string, digest: string): Promise<ProofVerdict> {
    const { signing, families } = this.#shelves;
    const verdict = await readAccessToken(signing, this.#clock, text);
    if (!verdict.isValid) return wrong(verdict.reason);
    const { keyId, familyId, expiresAt } = verdict.claims;
    const family = await families.find(familyId);
    if (family === null || family.stamp.keyId !== keyId) return wrong("revoked");
    const found = await this.#keyOf(family.stamp);
    if (!found.isValid) return wrong(found.reason);
    return right({
      principal: principalOfKey(found.key, "jwt"),
      ...{ digest, stamp: family.stamp, sessionId: null, csrfToken: null, expiresAt },
    });
  }

  async #proveSession(text: string, digest: string): Promise<ProofVerdict> {
    const { sessions } = this.#shelves;
    const verdict = await sessions.check(text);
    if (!verdict.isValid) return wrong(verdict.reason);
    const { session, expiresAt } = verdict;
    const principal = await this.#holderOf(session);
    if (typeof principal === "string") return wrong(principal);
    await sessions.noteUse(session);
    const csrfToken = csrfTokenOf(text);
    const { id: sessionId, stamp } = session;
    return right({ principal, digest, stamp, sessionId, csrfToken, expiresAt });
  }

  /** Who a session belongs to, or why nobody any more. */
  async #holderOf(
    { stamp, holder }: StoredSession,
  ): Promise<Principal | string> {
    if (holder !== null) {
      const { principalId, name, ...rights } = holder;
      return { id: principalId, name, ...rights, via: "session" };
    }
    const found = stamp === null ? null : await this.#keyOf(stamp);
    if (found === null) return "unknown";
    return found.isValid ? principalOfKey(found.key, "session") : found.reason;
  }

  /** Rights are those that the key has now. */
  #keyOf(stamp: KeyStamp): Promise<KeyVerdict> {
    return this.#shelves.keys.checkStamp(stamp);
  }
}

function principalOfKey(key: StoredKey, via: Principal["via"]): Principal {
  const { id, name, role, scopes, tenant, workflows, tags } = key;
  return { id, name, role, scopes, tenant, workflows, tags, via };
}

function right(proof: Proof): ProofVerdict {
  return { isValid: true, proof };
}

function wrong(reason: string): ProofVerdict {
  return { isValid: false, reason, retryAfterMs: null };
}

function isFresh({ checkedAt }: Known, now: number): boolean {
  return checkedAt !== null && now - checkedAt < KNOWN_MS;
}

function isOver({ expiresAt }: Proof, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}
