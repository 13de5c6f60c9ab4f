/**
 * What is asked of every request before anybody asks who sent it: that it is meant for this host, and
 * that no page of somebody else's sends it.
 *
 * @module
 */

/** Who may be reached under which names, and from which pages. */
export interface GuardOptions {
  /** Name or address that the node listens on. */
  host: string;
  /** More names under which it is reached: `denizen.example.org`, a port is ignored. */
  allowedHosts: readonly string[];
  /** Origins of pages that may call it, beside its own: `https://app.example.org`. */
  allowedOrigins: readonly string[];
}

/** Why a request is refused. */
export interface GuardRefusal {
  code: "HOST_NOT_ALLOWED" | "ORIGIN_NOT_ALLOWED";
  message: string;
  hint: string;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const WILDCARDS = new Set(["0.0.0.0", "::", "[::]"]);
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;
/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

export class RequestGuards {
  readonly #hosts: ReadonlySet<string>;
  readonly #isAnyAddressAllowed: boolean;
  readonly #origins: ReadonlySet<string>;

  constructor({ host, allowedHosts, allowedOrigins }: GuardOptions) {
    const own = nameOf(host);
    const names = [own, ...allowedHosts.map(nameOf)];
    // Behind a wildcard this machine is reached, too.
    if (isLoopback(own) || WILDCARDS.has(own)) names.push(...LOOPBACK_NAMES);
    this.#hosts = new Set(names);
    this.#isAnyAddressAllowed = WILDCARDS.has(own);
    this.#origins = new Set(allowedOrigins.map((origin) => new URL(origin).origin));
  }

  /** Why a request must not be answered; `null`: it may. */
  check(request: Request, url: URL): GuardRefusal | null {
    return this.#checkHost(request, url) ?? this.#checkOrigin(request, url);
  }

  /**
   * A page whose name was made to lead here (DNS rebinding) counts as of one origin with this node;
   * but its requests still bear its name.
   */
  #checkHost(request: Request, url: URL): GuardRefusal | null {
    const header = request.headers.get("host");
    const names = header === null ? [url.host] : [url.host, header];
    const wrong = names.find((name) => !this.#isHostAllowed(name));
    if (wrong === undefined) return null;
    return {
      code: "HOST_NOT_ALLOWED",
      message: `Cannot answer for host "${wrong}"`,
      hint: "Use an address that `serve` has printed, or start it with --allowed-host NAME",
    };
  }

  #isHostAllowed(host: string): boolean {
    const name = nameOf(host);
    return this.#hosts.has(name) || (this.#isAnyAddressAllowed && ADDRESS.test(name));
  }

  /** Changes and WebSockets are taken from our own pages, allowed ones, and programs. */
  #checkOrigin(request: Request, url: URL): GuardRefusal | null {
    const isUpgrade = request.headers.get("upgrade") !== null;
    if (SAFE_METHODS.has(request.method) && !isUpgrade) return null;
    const origin = request.headers.get("origin");
    const site = request.headers.get("sec-fetch-site");
    const isForeign = origin === null
      ? site !== null && site !== "same-origin" && site !== "none"
      : !this.isOwn(origin, url) && !this.#origins.has(origin);
    if (!isForeign) return null;
    return {
      code: "ORIGIN_NOT_ALLOWED",
      message: `Cannot take a request of a page of ${
        origin === null ? "another site" : `"${origin}"`
      }`,
      hint: "Start `serve` with --cors-origin ORIGIN to let pages of that origin call it",
    };
  }

  /** Whether an origin is that of the node, as the browser reached it. */
  isOwn(origin: string, url: URL): boolean {
    return origin === url.origin;
  }

  /** Whether pages of an origin may call, and so browsers be told (CORS). */
  isAllowed(origin: string): boolean {
    return this.#origins.has(origin);
  }

  /**
   * Whether a browser says that a page of this node's own sends the request. Cookies are taken so
   * alone: even for reads, since the browser sends them for other ports of this host.
   */
  isFromOwnPage(request: Request, url: URL): boolean {
    const origin = request.headers.get("origin");
    if (origin !== null) return this.isOwn(origin, url);
    const site = request.headers.get("sec-fetch-site");
    if (site !== null) return site === "same-origin" || (site === "none" && isSafe(request));
    return isSafe(request);
  }
}

/** Whether a request changes nothing. */
export function isSafe({ method, headers }: Request): boolean {
  return SAFE_METHODS.has(method) && headers.get("upgrade") === null;
}

/** A host without its port, in lower case, an IPv6 address in brackets; no dot at the end. */
function nameOf(host: string): string {
  const name = host.trim().toLowerCase();
  if (/^[^[]*:.*:/.test(name)) return `[${name}]`;
  return name.replace(/:\d*$/, "").replace(/\.$/, "");
}

function isLoopback(name: string): boolean {
  return LOOPBACK_NAMES.includes(name) || /^127(?:\.\d{1,3}){3}$/.test(name);
}
