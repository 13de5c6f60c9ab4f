/**
 * The door of a node for the other nodes of its cluster.
 *
 * @module
 */
import { InvalidInputError, UnavailableError } from "../../../core/errors.ts";
import type { Json } from "../../../core/json.ts";
import { isSameToken } from "./cluster_token.ts";
import { CALL_HEADER, GIVE_UP, LINK_LIMITS, TIMEOUT_HEADER } from "./link_limits.ts";
import { readBody } from "./read_body.ts";
import { type LinkRefusal, RefusalMeter } from "./refusal_meter.ts";
import { encodeError } from "./wire_error.ts";

/** Answers one method. `signal` aborts when the caller waits no longer, or the node closes. */
export type LinkHandler = (
  body: Json,
  context: { signal: AbortSignal; timeoutMs: number },
) => Json | Promise<Json>;

/** Answers a request of somebody who is no node. */
export type ServeHttp = (
  request: Request,
  info: { remoteAddr: { hostname: string; port: number } },
) => Response | Promise<Response>;

/** Paths of methods begin so. */
export const LINK_PATH = "/link/";

/** By method: what stands in the path of the request. */
export type LinkHandlers = Readonly<Record<string, LinkHandler>>;

export interface LinkServerOptions {
  hostname: string;
  port: number;
  token: string;
  handlers: ReadonlyMap<string, LinkHandler>;
  isReady: () => boolean;
  /** Certificate and key, both PEM text: then it speaks HTTPS. */
  tls?: { cert: string; key: string };
  /** Answers what is neither for nodes nor a look at the node's health. Default: 404. */
  serve?: ServeHttp;
  onRefused: (refusal: LinkRefusal) => void;
}

/** How long answers may take to leave when the node closes. */
const LEAVE_MS = 2_000;
const LEAVE_TICK_MS = 10;
const BEARER = /^Bearer +([^ ]+)$/i;
/** How soon a caller may try again when there are too many. */
const RETRY_AFTER_MS = 100;

/** Listens until `close`. */
export class LinkServer {
  readonly #options: LinkServerOptions;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  /** Cuts off connections. */
  readonly #ending = new AbortController();
  readonly #meter: RefusalMeter;
  /** Calls that may be given up, by the name that their caller gave them. */
  readonly #named = new Map<string, AbortController>();
  #calls = 0;
  #bytes = 0;

  constructor(options: LinkServerOptions) {
    this.#options = options;
    this.#meter = new RefusalMeter(options.onRefused, () => performance.now());
    const { hostname, port } = options;
    this.#server = Deno.serve(
      {
        hostname,
        port,
        signal: this.#ending.signal,
        ...options.tls,
        onListen: () => {},
        onError: () => new Response(null, { status: 500 }),
      },
      (request, info) => this.#handle(request, info),
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  /** Takes nothing more, aborts what is being answered, and lets those answers leave. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#meter.flush();
    const endsAt = performance.now() + LEAVE_MS;
    do await new Promise((resolve) => setTimeout(resolve, LEAVE_TICK_MS)); while (
      this.#calls > 0 && performance.now() < endsAt
    );
    // `shutdown` would wait for a client that sends for ever what nobody reads.
    this.#ending.abort();
    await this.#server.finished;
  }

  async #handle(
    request: Request,
    info: { remoteAddr: { hostname: string; port: number } },
  ): Promise<Response> {
    // A `Host` that is none makes the whole no URL.
    const pathname = URL.parse(request.url)?.pathname;
    if (pathname === undefined) return new Response(null, { status: 400 });
    if (request.method === "GET") {
      if (pathname === "/livez") return new Response("alive\n");
      if (pathname === "/readyz") return this.#readiness();
    }
    if (!pathname.startsWith(LINK_PATH)) {
      const { serve } = this.#options;
      return serve === undefined ? new Response(null, { status: 404 }) : await serve(request, info);
    }
    const remote = info.remoteAddr.hostname;
    const given = BEARER.exec(request.headers.get("authorization") ?? "")?.[1];
    if (given === undefined || !isSameToken(given, this.#options.token)) {
      this.#meter.note(remote, given === undefined ? "token missing" : "token wrong");
      return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
    }
    const method = pathname.slice(LINK_PATH.length);
    const handler = method === GIVE_UP ? this.#giveUp : this.#options.handlers.get(method);
    if (request.method !== "POST" || handler === undefined) {
      return failure(404, refused(`Cannot ${request.method} "${pathname}": no such method`));
    }
    return await this.#answer(request, handler);
  }

  #readiness(): Response {
    const isReady = !this.#closing.signal.aborted && this.#options.isReady();
    return new Response(isReady ? "ready\n" : "not ready\n", { status: isReady ? 200 : 503 });
  }

  async #answer(request: Request, handler: LinkHandler): Promise<Response> {
    const { callsMax, bodiesBytesMax } = LINK_LIMITS;
    if (this.#closing.signal.aborted) return failure(503, closing());
    if (this.#calls >= callsMax || this.#bytes >= bodiesBytesMax) return failure(503, overloaded());
    this.#calls++;
    let bytes = 0;
    const count = (more: number) => {
      bytes += more;
      this.#bytes += more;
    };
    try {
      const body = await readInTime(request, count);
      if (body === null) return failure(413, refused("Cannot take the request: it is too large"));
      return await this.#call(request, handler, body);
    } catch (error) {
      return failure(500, error);
    } finally {
      this.#calls--;
      this.#bytes -= bytes;
    }
  }

  async #call(request: Request, handler: LinkHandler, bytes: Uint8Array): Promise<Response> {
    let body: Json;
    try {
      body = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      return failure(400, refused("Cannot take the request: it is no JSON"));
    }
    const timeoutMs = timeoutOf(request);
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), timeoutMs);
    const name = request.headers.get(CALL_HEADER);
    if (name !== null) this.#named.set(name, ending);
    const signal = AbortSignal.any([ending.signal, this.#closing.signal]);
    try {
      const answer = await Promise.race([
        handler(body, { signal, timeoutMs }),
        whenAborted(signal),
      ]);
      return Response.json({ ok: answer });
    } catch (error) {
      return failure(422, error);
    } finally {
      clearTimeout(timer);
      if (name !== null) this.#named.delete(name);
    }
  }

  readonly #giveUp: LinkHandler = (name) => {
    this.#named.get(String(name))?.abort();
    return null;
  };
}

/** The body, or `null` when it is too large. */
async function readInTime(
  request: Request,
  count: (bytes: number) => void,
): Promise<Uint8Array | null> {
  const late = Promise.withResolvers<never>();
  const message = "The request did not arrive in time";
  const timer = setTimeout(
    () => late.reject(new UnavailableError("NODE_UNREACHABLE", { message })),
    LINK_LIMITS.bodyMs,
  );
  try {
    return await Promise.race([readBody(request, LINK_LIMITS.bodyBytesMax, count), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(closing());
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

function timeoutOf(request: Request): number {
  const wanted = Number(request.headers.get(TIMEOUT_HEADER));
  const { answerMsMax } = LINK_LIMITS;
  return wanted > 0 ? Math.min(wanted, answerMsMax) : answerMsMax;
}

function failure(status: number, error: unknown): Response {
  return Response.json({ error: encodeError(error) }, { status });
}

function refused(message: string): InvalidInputError {
  return new InvalidInputError("LINK_REFUSED", {
    message,
    hint: "Do all nodes of the cluster run the same version?",
  });
}

function closing(): UnavailableError {
  return new UnavailableError("NODE_STOPPED", {
    message: "The node has stopped, or the answer took longer than the caller waits",
  });
}

function overloaded(): UnavailableError {
  return new UnavailableError("OVERLOADED", {
    message: "The node answers too many requests of other nodes",
    hint: "Send again after `retryAfterMs`",
    details: { retryAfterMs: RETRY_AFTER_MS },
    retryAfterMs: RETRY_AFTER_MS,
  });
}
