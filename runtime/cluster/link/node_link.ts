/**
 * How the nodes of a cluster speak to each other: JSON over HTTP, with the cluster's token.
 *
 * On one machine the link stays on the loopback interface, which is the default. Between machines it
 * takes a certificate, or a private network: who can read the link can read the token, and whoever
 * has the token commands the cluster. To listen elsewhere than on loopback takes an address that
 * somebody wrote down.
 *
 * @module
 */
import { hostname as hostnameOf } from "node:os";
import { DenizenError, InvalidInputError, UnavailableError } from "../../../core/errors.ts";
import { isJsonObject, type Json } from "../../../core/json.ts";
import { CALL_HEADER, GIVE_UP, LINK_LIMITS, TIMEOUT_HEADER } from "./link_limits.ts";
import {
  LINK_PATH,
  type LinkHandler,
  type LinkHandlers,
  LinkServer,
  type ServeHttp,
} from "./link_server.ts";
import { readBody } from "./read_body.ts";
import type { LinkRefusal } from "./refusal_meter.ts";
import { decodeError } from "./wire_error.ts";

/** Loopback, any free port. */
export const LISTEN_DEFAULT = "127.0.0.1:0";

export interface NodeLinkOptions {
  /** `HOST:PORT`, with port 0 for a free one. Default {@linkcode LISTEN_DEFAULT}. */
  listen?: string;
  /** Where other nodes reach this one, when that is not where it listens. */
  advertise?: string;
  /** As `loadClusterToken()` gives it. */
  token: string;
  /** Of methods that are known now; more come by {@linkcode NodeLink.handle}. */
  handlers?: LinkHandlers;
  /** What `GET /readyz` says. Default: always ready. */
  isReady?: () => boolean;
  /** Certificate and key, both PEM text: then it speaks HTTPS. */
  tls?: { cert: string; key: string };
  /** Answers what is not for nodes. */
  serve?: ServeHttp;
  /** Somebody came without the token; told once a second at most. */
  onRefused: (refusal: LinkRefusal) => void;
}

/** How long a call waits for its answer unless it says otherwise. */
const CALL_MS = 5_000;
const METHOD = /^[a-z][a-z.-]{0,63}$/;

/** One node's end of the link. */
export class NodeLink {
  /** Where other nodes reach it, such as `http://10.0.0.7:7718`. */
  readonly url: string;
  readonly #token: string;
  readonly #server: LinkServer;
  readonly #handlers: Map<string, LinkHandler>;
  readonly #client: Deno.HttpClient;
  readonly #closing = new AbortController();
  readonly #calls = new Set<Promise<unknown>>();

  private constructor(options: NodeLinkOptions) {
    const { listen = LISTEN_DEFAULT, advertise, token, onRefused } = options;
    const { hostname, port } = parseListen(listen);
    this.#token = token;
    this.#handlers = new Map(Object.entries(options.handlers ?? {}));
    this.#server = new LinkServer({
      hostname,
      port,
      token,
      handlers: this.#handlers,
      isReady: options.isReady ?? (() => true),
      tls: options.tls,
      serve: options.serve,
      onRefused,
    });
    this.#client = Deno.createHttpClient({ poolIdleTimeout: 30_000 });
    this.url = (advertise ?? urlOf(hostname, this.#server.port, options.tls)).replace(/\/+$/, "");
  }

  /**
   * Listens, and answers calls.
   *
   * @throws {InvalidInputError} `LISTEN_FAILED` when it cannot listen there
   */
  static open(options: NodeLinkOptions): Promise<NodeLink> {
    return new Promise((resolve) => resolve(new NodeLink(options))).catch((error) => {
      if (error instanceof DenizenError) throw error;
      throw new InvalidInputError("LISTEN_FAILED", {
        message: `Cannot listen on "${options.listen ?? LISTEN_DEFAULT}": ${messageOf(error)}`,
        hint: "Choose another address, or port 0 for a free one, with --host and --port",
        cause: error,
      });
    }) as Promise<NodeLink>;
  }

  /** Answers calls of `method` from now on. */
  handle(method: string, handler: LinkHandler): void {
    if (!METHOD.test(method)) throw new TypeError(`"${method}" is no method of the link`);
    this.#handlers.set(method, handler);
  }

  /**
   * Calls a method of another node.
   *
   * @param url as in `Member.url`
   * @param options `timeoutMs`: default 5 s. `signal`: gives up when it aborts
   * @throws {UnavailableError} `NODE_UNREACHABLE` when no answer came; `details.wasSent` tells
   *   whether the other node may have done it all the same
   * @throws {DenizenError} what the other node's handler threw
   */
  call(
    url: string,
    method: string,
    body: Json,
    options: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<Json> {
    if (this.#closing.signal.aborted) return Promise.reject(unreachable(url, "closed", false));
    if (this.#calls.size >= LINK_LIMITS.callsMax) {
      return Promise.reject(unreachable(url, "too many calls wait for answers", false));
    }
    const calling = this.#call(url, method, body, options);
    const settled = calling.then(() => {}, () => {}).finally(() => this.#calls.delete(settled));
    this.#calls.add(settled);
    return calling;
  }

  async #call(
    url: string,
    method: string,
    body: Json,
    { timeoutMs = CALL_MS, signal }: { timeoutMs?: number; signal?: AbortSignal },
  ): Promise<Json> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    const signals = [timeout.signal, this.#closing.signal];
    const headers: Record<string, string> = { [TIMEOUT_HEADER]: String(timeoutMs) };
    if (signal !== undefined) {
      signals.push(signal);
      headers[CALL_HEADER] = crypto.randomUUID();
    }
    try {
      const all = AbortSignal.any(signals);
      return await this.#fetch(`${url}${LINK_PATH}${method}`, JSON.stringify(body), headers, all);
    } catch (error) {
      if (error instanceof DenizenError) throw error;
      if (signal?.aborted === true && method !== GIVE_UP) {
        this.call(url, GIVE_UP, headers[CALL_HEADER]!).catch(() => {});
      }
      const why = timeout.signal.aborted ? "it did not answer in time" : messageOf(error);
      throw unreachable(url, why, !isNeverSent(error), error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #fetch(
    url: string,
    body: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Json> {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.#token}`,
        "content-type": "application/json",
        ...headers,
      },
      body,
      // A token goes to the node that was meant, or to nobody.
      redirect: "error",
      signal,
      client: this.#client,
    });
    if (response.status === 401) {
      await response.body?.cancel();
      throw tokenRefused(url);
    }
    const bytes = await readBody(response, LINK_LIMITS.bodyBytesMax);
    const answer: Json = JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()));
    if (isJsonObject(answer) && response.ok && answer.ok !== undefined) return answer.ok;
    throw decodeError(isJsonObject(answer) ? answer.error : undefined);
  }

  /** Gives up calls, lets answers leave, and listens no more. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#server.close();
    await Promise.all(this.#calls);
    this.#client.close();
  }
}

/** `127.0.0.1:0` or `[::1]:7718`. */
function parseListen(listen: string): { hostname: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(listen);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new InvalidInputError("LISTEN_FAILED", {
      message: `Cannot listen on "${listen}": it is no HOST:PORT`,
      hint: "Write it like 127.0.0.1:7718 or [::1]:7718, with port 0 for a free one",
    });
  }
  return { hostname: (match[1] ?? match[2])!, port };
}

/** Where a node listens on every interface, its host's name stands for all of them. */
function urlOf(hostname: string, port: number, tls: unknown): string {
  const isAnywhere = hostname === "0.0.0.0" || hostname === "::";
  const host = isAnywhere ? hostnameOf() : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${tls === undefined ? "http" : "https"}://${host}:${port}`;
}

function unreachable(url: string, why: string, wasSent: boolean, cause?: unknown) {
  return new UnavailableError("NODE_UNREACHABLE", {
    message: `Cannot reach the node at "${url}": ${why}`,
    hint: "When it stays so, see whether that node lives with: deno task denizen cluster",
    details: { url, wasSent },
    cause,
  });
}

function tokenRefused(url: string): InvalidInputError {
  return new InvalidInputError("CLUSTER_TOKEN_WRONG", {
    message: `Cannot speak to the node at "${url}": it has another cluster token`,
    hint: "Give all nodes of the cluster the same DENIZEN_CLUSTER_TOKEN",
  });
}

/** Whether not even a connection came about. */
function isNeverSent(error: unknown): boolean {
  return /error trying to connect|dns error|client error \(Connect\)/i.test(messageOf(error));
}

/** `fetch` tells why it failed in the cause alone. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error ? cause.message : message;
}
