import type { RequestGuards } from "./request_guards.ts";

const METHODS = "GET, POST, PUT, DELETE";
const HEADERS =
  "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, " +
  "traceparent";
const EXPOSED = "etag, location, retry-after, x-request-id";
const PREFLIGHT_S = "600";

/**
 * Headers by which a page of an allowed origin may read an answer; none for others. Cookies are never
 * taken from another origin, so none are allowed.
 */
export function corsHeaders(request: Request, guards: RequestGuards): [string, string][] {
  const origin = request.headers.get("origin");
  if (origin === null || !guards.isAllowed(origin)) return [];
  return [
    ["access-control-allow-origin", origin],
    ["access-control-expose-headers", EXPOSED],
    ["vary", "Origin"],
  ];
}

/** The answer to a browser that asks whether a page may send a request; `null` when it does not ask. */
export function answerPreflight(request: Request, guards: RequestGuards): Response | null {
  const wanted = request.headers.get("access-control-request-method");
  if (request.method !== "OPTIONS" || wanted === null) return null;
  const headers = new Headers(corsHeaders(request, guards));
  if (!headers.has("access-control-allow-origin")) return new Response(null, { status: 403 });
  headers.set("access-control-allow-methods", METHODS);
  headers.set("access-control-allow-headers", HEADERS);
  headers.set("access-control-max-age", PREFLIGHT_S);
  return new Response(null, { status: 204, headers });
}
