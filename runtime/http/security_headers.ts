import { securityHeaders } from "../access/mod.ts";
import type { Access } from "./services.ts";
import { traceParentOf } from "./exchange/mod.ts";

/** What browsers are told of every answer that says nothing else of itself. */
const HEADERS = {
  plain: securityHeaders("api"),
  secure: securityHeaders("api", { isSecure: true }),
};

/** Names the request, and tells browsers to trust the answer with nothing. */
export function secure(
  request: Request,
  { response, requestId, access }: { response: Response; requestId: string; access: Access },
): Response {
  // A connection that is taken over is none that headers go over.
  if (response.status === 101) return response;
  const { headers } = response;
  for (const [name, value] of HEADERS[request.url.startsWith("https:") ? "secure" : "plain"]) {
    if (!headers.has(name)) headers.set(name, value);
  }
  headers.set("x-request-id", requestId);
  const trace = traceParentOf(request.headers);
  if (trace !== undefined) headers.set("traceparent", trace);
  for (const [name, value] of access.corsHeaders(request)) headers.append(name, value);
  return response;
}
