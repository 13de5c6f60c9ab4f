/**
 * Calls of the API with the session's cookie. Writes carry the session's CSRF token.
 *
 * @module
 */
import { ApiError, readProblem, unreachable } from "./problem.ts";
import { csrfToken, forgetSession } from "./session_state.ts";

export const API = "/api/v1";

export type Query = Record<string, string | number | boolean | null | undefined | string[]>;

export interface CallOptions {
  query?: Query;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** What a call gave, with the header that later writes need. */
export interface Answer<T> {
  body: T;
  etag: string | null;
  location: string | null;
}

/** The API's verbs. Each throws {@linkcode ApiError}; status 401 also ends the session here. */
export const api = {
  get: <T>(path: string, options?: CallOptions): Promise<T> => bodyOf(call("GET", path, options)),
  post: <T>(path: string, body?: unknown, options?: CallOptions): Promise<T> =>
    bodyOf(call("POST", path, options, body)),
  put: <T>(path: string, body?: unknown, options?: CallOptions): Promise<T> =>
    bodyOf(call("PUT", path, options, body)),
  delete: <T>(path: string, options?: CallOptions): Promise<T> =>
    bodyOf(call("DELETE", path, options)),
  /** As `get`, with the headers that matter. */
  read: <T>(path: string, options?: CallOptions): Promise<Answer<T>> => call("GET", path, options),
};

async function bodyOf<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await answer).body;
}

async function call<T>(
  method: string,
  path: string,
  { query, signal, headers = {} }: CallOptions = {},
  body?: unknown,
): Promise<Answer<T>> {
  const response = await ask(API + path + queryText(query), {
    method,
    signal: signal ?? null,
    credentials: "same-origin",
    headers: { accept: "application/json", ...writeHeaders(method, body), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    body: (text === "" ? undefined : JSON.parse(text)) as T,
    etag: response.headers.get("etag"),
    location: response.headers.get("location"),
  };
}

/** For so long a node that is not ready is asked again: it refuses before anything is done. */
const PATIENCE_MS = 30_000;
const PAUSE_MS_MIN = 1_000;

/** The answer to what was not refused. */
async function ask(url: string, init: RequestInit): Promise<Response> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const response = await send(url, init);
    if (response.ok) return response;
    const problem = await readProblem(response);
    if (response.status === 401 && !url.startsWith(`${API}/auth/`)) forgetSession();
    if (problem.code !== "NODE_NOT_READY" || performance.now() > endsAt) {
      throw new ApiError(problem);
    }
    const pauseMs = Number(response.headers.get("retry-after")) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(PAUSE_MS_MIN, pauseMs)));
  }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw unreachable(cause);
  }
}

function writeHeaders(method: string, body: unknown): Record<string, string> {
  if (method === "GET") return {};
  const token = csrfToken();
  return {
    ...(token === null ? {} : { "x-csrf-token": token }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
}

/** `?a=1&b=2&b=3`; what is empty is left out. */
export function queryText(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (one !== null && one !== undefined && one !== "") params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** One segment of a path. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}
