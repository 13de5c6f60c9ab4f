/**
 * Who is let in, what they may do, and how often: what stands before everything that a node answers
 * over HTTP.
 *
 * @module
 */
import type { DocumentStore } from "../../core/document_ports.ts";
import { type DenizenError, ForbiddenError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import {
  type Action,
  type BucketPolicy,
  decideAccess,
  isWrite,
  type Principal,
  type Resource,
} from "../../rules/access/mod.ts";
import type { AuditLog } from "../audit/mod.ts";
import { AccessJournal } from "./access_journal.ts";
import { ApiKeys, type NewKey } from "./api_keys.ts";
import { Authenticator, type Credential, type ProofVerdict } from "./authenticator.ts";
import { BucketShelf } from "./bucket_shelf.ts";
import { answerPreflight, corsHeaders } from "./cors.ts";
import { KeyDesk } from "./key_desk.ts";
import {
  authenticationRequired,
  credentialsInvalid,
  csrfRefused,
  tooManyFailures,
  tooManyRequests,
} from "./refusals.ts";
import {
  networkOf,
  placeOf,
  type Proof,
  type Remote,
  type RequestPlace,
} from "./request_context.ts";
import { isSafe, RequestGuards } from "./request_guards.ts";
import { cookiePlaceOf, readCookies } from "./session_cookie.ts";
import { Sessions } from "./sessions.ts";
import { SignInDesk } from "./sign_in_desk.ts";
import { type LinkHolder, SignInLinks } from "./sign_in_links.ts";
import { SigningKeys } from "./signing_keys.ts";
import { isSameText } from "./secret_text.ts";
import { TokenFamilies } from "./token_families.ts";

/** Groups of requests that share a budget. */
export type RateGroup = "read" | "write" | "submit" | "auth" | "stream";

/** Options of {@linkcode openAccess}. */
export interface AccessOptions {
  documents: DocumentStore;
  audit: Pick<AuditLog, "record">;
  clock: Clock;
  /** Name or address that the node listens on. */
  host: string;
  /** More names under which it is reached. */
  allowedHosts?: readonly string[];
  /** Origins of other pages that may call it: `https://app.example.org`. */
  allowedOrigins?: readonly string[];
  /** Budgets of a principal, or of an address while nobody is known. */
  rates?: Partial<Record<RateGroup, BucketPolicy>>;
  /** Wrong credentials of one address. Default: 30 at once, then one every two seconds. */
  failures?: BucketPolicy;
}

/** Meant to stop what runs wild; a node under honest load answers 503 before. */
const RATES: Readonly<Record<RateGroup, BucketPolicy>> = {
  read: { capacity: 4_000, perS: 2_000 },
  write: { capacity: 2_000, perS: 1_000 },
  submit: { capacity: 2_000, perS: 1_000 },
  auth: { capacity: 120, perS: 2 },
  stream: { capacity: 4_000, perS: 100 },
};

const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** Who has the machine has the node: whoever can read its store is let in so. */
export const LOCAL_ADMIN: LinkHolder = {
  principalId: "local",
  name: "local user",
  role: "admin",
  scopes: null,
  tenant: null,
  workflows: null,
  tags: null,
};

/** The right of a stream to go on. */
export interface AccessPermit {
  /** Names the credential. */
  key: string;
  /** @throws {UnauthenticatedError} when the credential counts no more */
  check(): Promise<void>;
}

/** What is known of a request, for the audit log. */
interface Trace {
  request: Request;
  remote: Remote;
  principal: Principal | null;
  /** Whether a refusal of it was written down. */
  isNoted: boolean;
}

/** What belongs to a principal of one request. */
interface Context {
  trace: Trace;
  proof: Proof;
  credential: Credential;
  /** Grants that were written down already; `null`: none. */
  noted: Set<Action> | null;
}

/** Opens access control over a store. */
export function openAccess(options: AccessOptions): AccessControl {
  return new AccessControl(options);
}

export class AccessControl {
  /** Sign-in and tokens. */
  readonly signIns: SignInDesk;
  /** Keys, as principals may work with them. */
  readonly keys: KeyDesk;
  readonly #allKeys: ApiKeys;
  readonly #journal: AccessJournal;
  readonly #authenticator: Authenticator;
  readonly #guards: RequestGuards;
  readonly #clock: Clock;
  readonly #rates: Readonly<Record<RateGroup, BucketShelf>>;
  readonly #contexts = new WeakMap<Principal, Context>();
  readonly #traces = new WeakMap<Request, Trace>();

  constructor(options: AccessOptions) {
    const { documents, audit, clock, host, allowedHosts = [], allowedOrigins = [] } = options;
    const shelves = {
      keys: new ApiKeys(documents, clock),
      sessions: new Sessions(documents, clock),
      families: new TokenFamilies(documents, clock),
      signing: new SigningKeys(documents, clock),
    };
    this.#clock = clock;
    this.#allKeys = shelves.keys;
    this.#journal = new AccessJournal(audit);
    this.#authenticator = new Authenticator(shelves, clock, options.failures);
    this.#guards = new RequestGuards({ host, allowedHosts, allowedOrigins });
    const rates = { ...RATES, ...options.rates };
    const shelfOf = (group: RateGroup) => new BucketShelf(rates[group]);
    this.#rates = {
      read: shelfOf("read"),
      write: shelfOf("write"),
      submit: shelfOf("submit"),
      auth: shelfOf("auth"),
      stream: shelfOf("stream"),
    };
    const journal = this.#journal;
    const authenticator = this.#authenticator;
    const links = new SignInLinks(documents, clock);
    this.signIns = new SignInDesk({ shelves, links, authenticator, journal, clock });
    const onChange = () => authenticator.forget();
    this.keys = new KeyDesk({ keys: shelves.keys, journal, clock, onChange });
  }

  /** Makes the first admin key of a store, once over all nodes; `null` when it has keys. */
  async firstKey(): Promise<NewKey | null> {
    return await this.#allKeys.createFirst();
  }

  /**
   * A link that signs a browser in once, within ten minutes. Its token stands behind `#`, so that
   * neither servers nor logs on the way see it.
   */
  async signInLink(baseUrl: string, holder: LinkHolder = LOCAL_ADMIN): Promise<string> {
    return `${baseUrl.replace(/\/+$/, "")}/#/sign-in/${await this.signIns.link(holder)}`;
  }

  /**
   * Looks at what any request shows before anything is done with it: the host that it was sent to
   * (DNS rebinding), and the page that sent it.
   *
   * @throws {ForbiddenError} `HOST_NOT_ALLOWED`, `ORIGIN_NOT_ALLOWED`; recorded
   */
  admit(request: Request, remote: Remote): void {
    const refusal = this.#guards.check(request, new URL(request.url));
    if (refusal === null) return;
    const { code, message, hint } = refusal;
    throw this.#refuse(request, remote, new ForbiddenError(code, { message, hint }));
  }

  /**
   * Writes down that a request was refused for what it is: its form, its size, a path that there is
   * not. What was refused here was written down already.
   */
  noteRefusal(
    request: Request,
    remote: Remote,
    { code, message }: { code: string; message: string },
  ): void {
    const trace = this.#traceOf(request, remote);
    if (trace.isNoted) return;
    trace.isNoted = true;
    const { principal } = trace;
    this.#journal.refuse({ principal, place: placeOf(request, remote), code, message });
  }

  #traceOf(request: Request, remote: Remote): Trace {
    const known = this.#traces.get(request);
    if (known !== undefined) return known;
    const trace = { request, remote, principal: null, isNoted: false };
    this.#traces.set(request, trace);
    return trace;
  }

  /** The answer to a browser's question whether a page may call (CORS); `null`: it is none. */
  preflight(request: Request): Response | null {
    return answerPreflight(request, this.#guards);
  }

  /** Headers by which a page of an allowed origin may read the answer. */
  corsHeaders(request: Request): [name: string, value: string][] {
    return corsHeaders(request, this.#guards);
  }

  /**
   * Says who asks. A session counts only where our own page sends the request, and changes something
   * only with its CSRF token.
   *
   * @throws {UnauthenticatedError} `AUTHENTICATION_REQUIRED`, `CREDENTIALS_INVALID`,
   *   `CREDENTIALS_EXPIRED`; recorded
   * @throws {ForbiddenError} `CSRF_REFUSED`; recorded
   * @throws {RateLimitedError} `TOO_MANY_SIGN_INS`; recorded
   */
  authenticate(request: Request, remote: Remote): Principal | Promise<Principal> {
    const credential = this.#credentialOf(request, remote);
    const verdict = this.#authenticator.check(credential, remote.address);
    return verdict instanceof Promise
      ? verdict.then((found) => this.#admitted(found, credential, request, remote))
      : this.#admitted(verdict, credential, request, remote);
  }

  #credentialOf(request: Request, remote: Remote): Credential {
    const header = request.headers.get("authorization");
    if (header !== null) {
      const text = BEARER.exec(header)?.[1];
      if (text !== undefined) return { from: "header", text };
      throw this.#refuse(request, remote, credentialsInvalid("malformed"), "malformed header");
    }
    const url = new URL(request.url);
    const cookies = readCookies(request, cookiePlaceOf(url));
    if (cookies.length === 1) {
      // Before it is looked at: a page of somebody else's must not use up what may be wrong.
      if (this.#guards.isFromOwnPage(request, url)) return { from: "cookie", text: cookies[0]! };
      throw this.#refuse(request, remote, csrfRefused("origin"), "foreign page");
    }
    if (cookies.length === 0) throw this.#refuse(request, remote, authenticationRequired());
    throw this.#refuse(request, remote, credentialsInvalid("several"), "several cookies");
  }

  #admitted(
    verdict: ProofVerdict,
    credential: Credential,
    request: Request,
    remote: Remote,
  ): Principal {
    if (!verdict.isValid) {
      const { reason, retryAfterMs } = verdict;
      const error = retryAfterMs === null
        ? credentialsInvalid(reason)
        : tooManyFailures(retryAfterMs);
      throw this.#refuse(request, remote, error, reason);
    }
    const { proof } = verdict;
    if (credential.from === "cookie") this.#requireCsrfToken(proof, request, remote);
    // Another object for each request: it leads to what is known of that.
    const principal = { ...proof.principal };
    const trace = { request, remote, principal, isNoted: false };
    this.#traces.set(request, trace);
    this.#contexts.set(principal, { trace, proof, credential, noted: null });
    return principal;
  }

  #requireCsrfToken({ csrfToken, principal }: Proof, request: Request, remote: Remote): void {
    const given = request.headers.get("x-csrf-token");
    // A WebSocket cannot send headers of its own; its origin is demanded instead.
    const isUpgrade = request.headers.get("upgrade") !== null;
    const isProved = isUpgrade
      ? request.headers.get("origin") !== null
      : isSafe(request) || (given !== null && isSameText(given, csrfToken!));
    if (isProved) return;
    const reason = given === null ? "token missing" : "token wrong";
    const error = csrfRefused(isUpgrade ? "origin" : "token");
    throw this.#refuse(request, remote, error, reason, principal);
  }

  #refuse(
    request: Request,
    remote: Remote,
    error: DenizenError,
    reason?: string,
    principal?: Principal,
  ): DenizenError {
    const { code, message } = error;
    this.#traceOf(request, remote).isNoted = true;
    const place = placeOf(request, remote);
    this.#journal.refuse({ principal, place, code, message, reason });
    return error;
  }

  /**
   * Decides, and writes down refusals and granted changes. Without a resource it decides about the
   * action alone.
   *
   * @param resource `name`: what the audit log calls it; default: the request's method and path
   * @throws {ForbiddenError} with the code of the decision; `OTHER_TENANT` is to be answered as if
   *   the thing were not there
   */
  authorize(
    principal: Principal,
    action: Action,
    resource: Resource & { name?: string } = {},
  ): void {
    const { isAllowed, code, reason } = decideAccess(principal, action, resource);
    const context = this.#contexts.get(principal);
    const to = resource.name === undefined ? {} : { to: resource.name };
    if (!isAllowed) {
      if (context !== undefined) context.trace.isNoted = true;
      const place = this.placeOf(principal);
      this.#journal.refuse({ principal, place, code, message: reason, ...to });
      throw new ForbiddenError(code, {
        message: reason,
        hint: "Use a key that may do this, or ask an admin for one",
        details: { action },
      });
    }
    // What is done to keys is written down one by one.
    if (!isWrite(action) || action === "keys:write" || context?.noted?.has(action)) return;
    if (context !== undefined) (context.noted ??= new Set()).add(action);
    const place = this.placeOf(principal);
    this.#journal.grant({ principal, place, code: "write", message: `Allowed "${action}"`, ...to });
  }

  /** Whether the principal may see what has these labels; nothing is recorded. */
  sees(principal: Principal, labels: Resource): boolean {
    return decideAccess(principal, "runs:read", labels).code === null;
  }

  /**
   * Takes a request from the budget of a principal, or of the address while nobody is known.
   *
   * @throws {RateLimitedError} `TOO_MANY_REQUESTS`; recorded where a principal is known
   */
  limit(group: RateGroup, principal: Principal | null, remote: Remote): void {
    const name = principal === null
      ? `address ${networkOf(remote.address)}`
      : `principal ${principal.id}`;
    const retryAfterMs = this.#rates[group].take(name, { now: this.#clock.now() });
    if (retryAfterMs === 0) return;
    const error = tooManyRequests(group, retryAfterMs);
    const context = principal === null ? undefined : this.#contexts.get(principal);
    if (principal !== null && context !== undefined) {
      context.trace.isNoted = true;
      const place = this.placeOf(principal);
      this.#journal.refuse({ principal, place, code: error.code, message: error.message });
    }
    throw error;
  }

  /** How it was proved who a principal is; of one that {@linkcode authenticate} gave alone. */
  proofOf(principal: Principal): Proof {
    const context = this.#contexts.get(principal);
    if (context === undefined) throw authenticationRequired();
    return context.proof;
  }

  /** The request that a principal came with. */
  placeOf(principal: Principal): RequestPlace {
    const trace = this.#contexts.get(principal)?.trace;
    if (trace === undefined) return { remote: "", method: "", path: "" };
    return placeOf(trace.request, trace.remote);
  }

  /** The right of a stream of a principal to go on, to be looked at now and then. */
  permitOf(principal: Principal): AccessPermit {
    const context = this.#contexts.get(principal);
    if (context === undefined) throw authenticationRequired();
    const { proof, credential, trace: { remote } } = context;
    return {
      key: proof.digest,
      check: async () => {
        const verdict = await this.#authenticator.check(credential, remote.address);
        // One that was not looked at, as its address was wrong too often, may still be good.
        if (!verdict.isValid && verdict.retryAfterMs === null) {
          throw credentialsInvalid(verdict.reason);
        }
      },
    };
  }
}
