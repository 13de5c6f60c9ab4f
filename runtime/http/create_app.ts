/**
 * The HTTP app: everything that a node answers but its links, its liveness and its readiness.
 *
 * @module
 */
import type { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { OpenAPIHono } from "@hono/zod-openapi";
import { DenizenError } from "../../core/errors.ts";
import type { App, AppEnv } from "./app_env.ts";
import { isStreamed, problemComponent, refusalComponents } from "./answers.ts";
import {
  errorOf,
  HttpError,
  InFlight,
  invalidRequest,
  problemResponse,
  requestIdOf,
  statusOf,
} from "./exchange/mod.ts";
import { LiteralFirstRouter } from "./literal_first_router.ts";
import { knownKeys } from "./known_keys.ts";
import { answerOther, literalMethodWrong } from "./other_methods.ts";
import { addAgentRoutes } from "./agent_routes.ts";
import { addAuthRoutes } from "./auth_routes.ts";
import { addAuditRoutes } from "./audit_routes.ts";
import { addClusterRoutes } from "./cluster_routes.ts";
import { addEventRoutes, addMetricsRoute, addSocketRoute } from "./event_routes.ts";
import { addSystemRoutes } from "./system_routes.ts";
import { addViewRoutes } from "./view_routes.ts";
import { addKeyRoutes } from "./key_routes.ts";
import { addKnowledgeRoutes } from "./knowledge_routes.ts";
import { addReference } from "./reference.ts";
import { addRunActionRoutes } from "./run_action_routes.ts";
import { addRunRoutes } from "./run_routes.ts";
import { secure } from "./security_headers.ts";
import type { Services } from "./services.ts";
import { addWorkflowRoutes } from "./workflow_routes.ts";

/** Options of {@linkcode createApp}. */
export interface AppOptions {
  /** Hold answers against their schemas before they leave. For tests; default `false`. */
  checksAnswers?: boolean;
  /** Requests that are answered at the same time, without streams. Default 512. */
  requestsMax?: number;
}

/** Where a request comes from, as `Deno.serve` says it. */
export interface RequestInfo {
  remoteAddr: { hostname: string };
}

/** Answers requests. It never throws. */
export type HttpApp = (request: Request, info: RequestInfo) => Promise<Response>;

const REQUESTS_MAX = 512;

/** Makes the app that answers with `services`. */
export function createApp(services: Services, options: AppOptions = {}): HttpApp {
  const app = createRoutes(services);
  const inFlight = new InFlight(options.requestsMax ?? REQUESTS_MAX);
  const checksAnswers = options.checksAnswers ?? false;
  return async (request, info) => {
    const requestId = requestIdOf(request.headers);
    const remote = { address: info.remoteAddr.hostname };
    const env: AppEnv["Bindings"] = { services, remote, requestId, checksAnswers };
    const from = performance.now();
    const isHead = request.method === "HEAD";
    const asked = isHead ? asGet(request) : request;
    const whole = await answer(app, asked, env, inFlight);
    const response = isHead ? await withoutBody(whole) : whole;
    services.onAnswered({
      route: env.route ?? "other",
      method: request.method,
      status: response.status,
      seconds: (performance.now() - from) / 1_000,
    });
    noteRefusal(asked, env, whole);
    return secure(request, { response, requestId, access: services.access });
  };
}

/** Answers that tell of what others did, and refuse nobody. */
const CONFLICTS = new Set([409, 412]);

/** Whatever was refused is in the audit log, also where nobody asked who it was. */
function noteRefusal(
  request: Request,
  { services, remote }: AppEnv["Bindings"],
  response: Response,
): void {
  const { status } = response;
  if (status < 400 || status >= 500 || CONFLICTS.has(status)) return;
  const error = errorOf(response);
  const { code, message } = error instanceof DenizenError
    ? error
    : { code: "REQUEST_INVALID", message: `Refused with status ${status}` };
  services.access.noteRefusal(request, remote, { code, message });
}

async function answer(
  app: Hono<AppEnv>,
  request: Request,
  env: AppEnv["Bindings"],
  inFlight: InFlight,
): Promise<Response> {
  let isIn = false;
  try {
    env.services.access.admit(request, env.remote);
    const preflight = env.services.access.preflight(request);
    if (preflight !== null) return preflight;
    inFlight.enter();
    isIn = true;
    return await app.fetch(request, env);
  } catch (error) {
    return failed(error, env);
  } finally {
    if (isIn) inFlight.leave();
  }
}

/** HEAD is answered as GET is, but takes no connection over. */
function asGet({ url, headers, signal }: Request): Request {
  const kept = new Headers(headers);
  kept.delete("upgrade");
  return new Request(url, { headers: kept, signal });
}

/** An answer's head, with the length that its body has (RFC 9110 §8.6): a stream has none. */
async function withoutBody(response: Response): Promise<Response> {
  const head = new Response(null, response);
  if (isStreamed(response) || response.body === null) await response.body?.cancel();
  else head.headers.set("content-length", String((await response.arrayBuffer()).byteLength));
  return head;
}

/** Says what went wrong; what should not have is told to whoever runs the node. */
function failed(error: unknown, { services, requestId }: AppEnv["Bindings"]): Response {
  const known = error instanceof HTTPException ? toHttpError(error) : error;
  if (statusOf(known) === 500) services.onFault(known, requestId);
  return problemResponse(known, requestId);
}

/** What the framework refuses. */
function toHttpError(error: HTTPException): HttpError {
  if (error.status === 415) {
    return new HttpError(415, "MEDIA_TYPE_WRONG", {
      message: "Cannot read a body of this media type",
      hint: "Send it with `Content-Type: application/json`",
      headers: { accept: "application/json" },
    });
  }
  return new HttpError(error.status, "BODY_NOT_JSON", {
    message: "Cannot read the body: it is not JSON",
    hint: "Send one JSON value; `python3 -m json.tool` shows where it breaks",
  });
}

function createRoutes(services: Services): Hono<AppEnv> {
  const root = new OpenAPIHono<AppEnv>({
    router: new LiteralFirstRouter(),
    defaultHook: (result, c) => {
      if (result.success) return;
      const wrong = result.target === "param" ? literalMethodWrong(root, c.req) : null;
      throw wrong ??
        invalidRequest(result.target, result.error, knownKeys(api, c.req, result.target));
    },
  });
  root.onError((error, c) => failed(error, c.env));
  root.notFound((c) => answerOther(c, root));
  const api: App = root.basePath("/api/v1");
  addComponents(api);
  addRunRoutes(api);
  addRunActionRoutes(api);
  addWorkflowRoutes(api);
  addEventRoutes(api);
  addAgentRoutes(api);
  addKnowledgeRoutes(api);
  addClusterRoutes(api);
  addSystemRoutes(api);
  addAuditRoutes(api);
  addViewRoutes(api);
  addAuthRoutes(api);
  addKeyRoutes(api);
  addSocketRoute(root);
  addMetricsRoute(root);
  addReference(root, api, services.version);
  return root;
}

function addComponents(api: App): void {
  const { openAPIRegistry } = api;
  openAPIRegistry.register("Problem", problemComponent);
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    description: "API key (`dnz_…`) or access token",
  });
  openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "denizen-PORT",
    description: "Session of a browser; changes need `X-CSRF-Token` as well",
  });
  for (const [name, response] of Object.entries(refusalComponents())) {
    openAPIRegistry.registerComponent("responses", name, response as { description: string });
  }
}
