/**
 * A node's HTTP API, as the command line uses it.
 *
 * @module
 */
import {
  ConflictError,
  DenizenError,
  type ErrorOptions,
  ForbiddenError,
  InvalidInputError,
  UnauthenticatedError,
  UnavailableError,
} from "../../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";
import { readEvents, type ServerEvent } from "./read_events.ts";

/** Where the API is, and what opens it. */
export interface ApiPlace {
  /** Such as `https://denizen.example.org`. */
  url: string;
  /** API key. */
  key: string;
}

/** One request. */
export interface ApiRequest {
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Default: a minute. */
  timeoutMs?: number;
}

const ANSWER_MS = 60_000;
/** A server that is busy, or that just starts, says when to come again. */
const TRIES_MAX = 5;
const WAIT_MS_MAX = 5_000;
/** How long until a stream that broke off is asked for again. */
const RESUME_MS = 500;
const RESUMES_MAX = 20;

/** Asks a node. Every method throws the error that the node answers with: its code and its hint. */
export class ApiClient {
  readonly #place: ApiPlace;

  /** @throws {InvalidInputError} `OPTION_VALUE_WRONG` when the URL is none */
  constructor({ url, key }: ApiPlace) {
    this.#place = { url: checkUrl(url), key };
  }

  get url(): string {
    return this.#place.url;
  }

  /** The answer's JSON; `null` when it has none. */
  async request(method: string, path: string, request: ApiRequest = {}): Promise<Json> {
    return (await this.exchange(method, path, request)).body;
  }

  /** The answer with its status. */
  async exchange(
    method: string,
    path: string,
    request: ApiRequest = {},
  ): Promise<{ status: number; body: Json }> {
    const { status, text } = await this.#ask(method, path, request);
    return { status, body: text === "" ? null : JSON.parse(text) };
  }

  /** What is no JSON: a file, as text. */
  async text(path: string, request: ApiRequest = {}): Promise<string> {
    return (await this.#ask("GET", path, request)).text;
  }

  async #ask(
    method: string,
    path: string,
    request: ApiRequest,
  ): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(request.timeoutMs ?? ANSWER_MS);
    const response = await this.#send(method, path, request, signal);
    const text = await response.text().catch((error) => {
      throw unreachable(this.#place.url, error);
    });
    return { status: response.status, text };
  }

  /** Every item of a list, page by page. */
  async *pages(path: string, query: ApiRequest["query"] = {}): AsyncGenerator<Json> {
    let cursor: string | undefined;
    do {
      const page = await this.request("GET", path, { query: { ...query, cursor } });
      if (!isJsonObject(page) || !Array.isArray(page.items)) throw notTheApi(this.#place.url);
      yield* page.items;
      cursor = typeof page.nextCursor === "string" ? page.nextCursor : undefined;
    } while (cursor !== undefined);
  }

  /** Events of a stream until the server ends it with `end`; it is resumed where it breaks off. */
  async *stream(path: string, signal: AbortSignal): AsyncGenerator<ServerEvent> {
    let lastEventId: string | null = null;
    for (let broken = 0; !signal.aborted && broken < RESUMES_MAX; broken++) {
      const headers: Record<string, string> = { accept: "text/event-stream" };
      if (lastEventId !== null) headers["last-event-id"] = lastEventId;
      try {
        const response = await this.#send("GET", path, { headers }, signal);
        for await (const event of readEvents(response.body!)) {
          broken = 0;
          lastEventId = event.id ?? lastEventId;
          yield event;
          if (event.type === "end") return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof DenizenError && !(error instanceof UnavailableError)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, RESUME_MS));
    }
    if (!signal.aborted) {
      throw unreachable(this.#place.url, "the stream breaks off again and again");
    }
  }

  async #send(
    method: string,
    path: string,
    { query = {}, body, headers }: ApiRequest,
    signal: AbortSignal,
  ): Promise<Response> {
    const url = new URL(`${this.#place.url}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const request = new Request(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#place.key}`,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A key goes to the server that was meant, or to nobody.
      redirect: "error",
      signal,
    });
    for (let tries = 1;; tries++) {
      const response = await fetch(request.clone()).catch((error) => {
        throw unreachable(this.#place.url, error);
      });
      if (response.ok) return response;
      const problem = await readProblem(response, this.#place.url);
      const waitMs = Number(response.headers.get("retry-after")) * 1_000;
      const isPassing = problem instanceof UnavailableError && waitMs > 0 && waitMs <= WAIT_MS_MAX;
      if (!isPassing || tries === TRIES_MAX) throw problem;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** @throws {InvalidInputError} `OPTION_VALUE_WRONG` */
function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "") {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --server "${text}"`,
    hint: "Give the URL of a node, such as https://denizen.example.org or http://127.0.0.1:7717",
  });
}

/** What the server says is wrong, as the error that it was there. */
async function readProblem(response: Response, url: string): Promise<DenizenError> {
  const problem: Json = await response.json().catch(() => null);
  if (!isJsonObject(problem) || typeof problem.code !== "string") return notTheApi(url);
  const { code, detail, hint, details, issues } = problem;
  const options: ErrorOptions = {
    message: String(detail ?? code),
    ...(typeof hint === "string" ? { hint } : {}),
    details: { ...(isJsonObject(details) ? details : {}), status: response.status } as JsonObject,
  };
  const error = errorOf(response.status, code, options);
  const isOfFile = Array.isArray(issues) &&
    issues.every((one) => isJsonObject(one) && "line" in one);
  return isOfFile ? Object.assign(error, { issues }) : error;
}

function errorOf(status: number, code: string, options: ErrorOptions): DenizenError {
  if (status === 401) return new UnauthenticatedError(code, options);
  if (status === 403) return new ForbiddenError(code, options);
  if (status === 409 || status === 412) return new ConflictError(code, options);
  if (status === 429 || status >= 502) return new UnavailableError(code, options);
  return status < 500 ? new InvalidInputError(code, options) : new DenizenError(code, options);
}

function notTheApi(url: string): InvalidInputError {
  return new InvalidInputError("SERVER_UNKNOWN", {
    message: `Got no answer of a node from "${url}"`,
    hint: "Check the URL: it is that of the dashboard, without a path",
    details: { url },
  });
}

function unreachable(url: string, cause: unknown): UnavailableError {
  const why = cause instanceof Error && cause.name === "TimeoutError"
    ? "it did not answer in time"
    : cause instanceof Error
    ? (cause.cause instanceof Error ? cause.cause : cause).message
    : String(cause);
  return new UnavailableError("SERVER_NOT_FOUND", {
    message: `Cannot reach the server at "${url}": ${why}`,
    hint: "Start it with: deno task serve; or give another --server",
    details: { url },
    cause,
  });
}
