import type { Hono } from "hono";
import type { AppEnv, Exchange } from "./app_env.ts";
import { HttpError, problemResponse } from "./exchange/mod.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** What is answered here, and not by the dashboard. */
const OWN_PATHS = /^\/(api|link)(\/|$)/;

/**
 * Answers what no route does: `OPTIONS`, methods that a path does not have, files of the dashboard,
 * and paths that there are not.
 */
export async function answerOther(c: Exchange, app: Hono<AppEnv>): Promise<Response> {
  const { path, method } = c.req;
  const methods = methodsOf(app, path);
  if (methods.length > 0) {
    const allow = allowOf(methods);
    if (method === "OPTIONS") return new Response(null, { status: 204, headers: { allow } });
    return problemResponse(methodWrong(method, path, allow), c.env.requestId);
  }
  if (!OWN_PATHS.test(path)) {
    const page = await c.env.services.dashboard(c.req.raw);
    if (page !== null) return page;
  }
  return problemResponse(notFound(method, path), c.env.requestId);
}

function allowOf(methods: readonly string[]): string {
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
}

/**
 * The error for a path that is written out in routes of other methods, and that names nothing in the
 * route that it got to; `null` for any other path.
 */
export function literalMethodWrong(
  app: Hono<AppEnv>,
  { method, path }: { method: string; path: string },
): HttpError | null {
  const literal = app.routes.filter((route) => route.path === path).map((route) => route.method);
  const methods = METHODS.filter((one) => literal.includes(one));
  return methods.length === 0 ? null : methodWrong(method, path, allowOf(methods));
}

/** A path that is written out in a route is that one's, though a name in another would fit it too. */
function methodsOf(app: Hono<AppEnv>, path: string): string[] {
  const literal = app.routes.filter((route) => route.path === path).map(({ method }) => method);
  if (literal.length > 0) return METHODS.filter((method) => literal.includes(method));
  return METHODS.filter((method) => app.router.match(method, path)[0].length > 0);
}

function methodWrong(method: string, path: string, allow: string): HttpError {
  return new HttpError(405, "METHOD_NOT_ALLOWED", {
    message: `Cannot ${method.slice(0, 20)} "${path.slice(0, 200)}"`,
    hint: `Use one of: ${allow}`,
    headers: { allow },
  });
}

function notFound(method: string, path: string): HttpError {
  return new HttpError(404, "PATH_NOT_FOUND", {
    message: `Cannot ${method.slice(0, 20)} "${path.slice(0, 200)}": there is nothing`,
    hint: "See what there is at /docs",
  });
}
