import { traceParentOf } from "./exchange/mod.ts";

/** What browsers are told of every answer that says nothing else. */
const HEADERS: readonly (readonly [string, string])[] = [
  ["x-content-type-options", "nosniff"],
  ["content-security-policy", "default-src 'none'; frame-ancestors 'none'"],
  ["cross-origin-resource-policy", "same-origin"],
  ["referrer-policy", "no-referrer"],
];

/** Names the request, and tells browsers to trust the answer with nothing. */
export function secure(request: Request, requestId: string, response: Response): Response {
  const { headers } = response;
  // A connection that is taken over is none that headers go over.
  if (response.status === 101) return response;
  for (const [name, value] of HEADERS) if (!headers.has(name)) headers.set(name, value);
  if (request.url.startsWith("https:")) {
    headers.set("strict-transport-security", "max-age=31536000");
  }
  headers.set("x-request-id", requestId);
  const trace = traceParentOf(request.headers);
  if (trace !== undefined) headers.set("traceparent", trace);
  return response;
}
