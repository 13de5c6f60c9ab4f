import { securityHeaders } from "../access/mod.ts";
import { isComplete } from "./answers.ts";
import type { Access } from "./services.ts";
import { traceParentOf } from "./exchange/mod.ts";

/** What browsers are told of every answer that says nothing else. */
const HEADERS = securityHeaders("api");
/** Beside them, over TLS. */
const SECURE = securityHeaders("api", { isSecure: true })
  .filter(([name]) => HEADERS.every(([known]) => known !== name));

/** Names the request, and tells browsers to trust the answer with nothing. */
export function secure(
  request: Request,
  { response, requestId, access }: { response: Response; requestId: string; access: Access },
): Response {
  // A connection that is taken over is none that headers go over.
  if (response.status === 101) return response;
  if (!isComplete(response)) {
    add(response.headers, HEADERS);
    response.headers.set("x-request-id", requestId);
  }
  if (request.url.startsWith("https:")) add(response.headers, SECURE);
  const trace = traceParentOf(request.headers);
  if (trace !== undefined) response.headers.set("traceparent", trace);
  for (const [name, value] of access.corsHeaders(request)) response.headers.append(name, value);
  return response;
}

function add(headers: Headers, wanted: readonly (readonly [string, string])[]): void {
  for (const [name, value] of wanted) if (!headers.has(name)) headers.set(name, value);
}
