/**
 * What stands before a handler: who asks, how often, whether they may, and what they sent.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import type { Action } from "../../rules/access/mod.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { RateGroup } from "../access/mod.ts";
import type { AppEnv, Exchange } from "./app_env.ts";
import {
  BODY_LIMITS,
  type BodyLimits,
  readBodyText,
  refuseDeepJson,
  refuseUnacceptable,
  TimeLimit,
} from "./exchange/mod.ts";

/** How a route is guarded. */
export interface GuardOptions {
  /** Left out: nobody needs to be known. */
  action?: Action;
  /** Default: `read`. */
  group?: RateGroup;
  /** Media types of its answers. Default: JSON. */
  produces?: readonly string[];
  /** What is taken as its body. Default: none is read. */
  body?: Partial<BodyLimits>;
  /** The answer is a stream, or takes what time it takes. */
  isLong?: boolean;
}

/** How long an answer may take. */
const ANSWER_MS_MAX = 30_000;
const TIME = new TimeLimit(ANSWER_MS_MAX);
const JSON_TYPES = ["application/json"];

/** A route's guard as `createRoute` takes it: middleware, security and what the reference says. */
export function guarded(options: GuardOptions): Guarded {
  const { action } = options;
  return {
    middleware: guard(options),
    security: action === undefined ? [] : [{ bearer: [] }, { session: [] }],
    ...(action === undefined ? {} : { "x-action": action }),
  };
}

/** See {@linkcode guarded}. */
export interface Guarded {
  middleware: MiddlewareHandler<AppEnv>;
  security: Record<string, string[]>[];
  /** Shown in the reference: what access is asked for. */
  "x-action"?: Action;
}

function guard(options: GuardOptions): MiddlewareHandler<AppEnv> {
  const { action, group = "read", produces = JSON_TYPES, body } = options;
  const limits = { ...BODY_LIMITS, ...body };
  return async (c, next) => {
    const { services, remote } = c.env;
    c.env.route = routePath(c);
    if (group === "write" || group === "submit") refuseUnready(c);
    refuseUnacceptable(c.req.raw.headers.get("accept"), produces);
    if (action !== undefined) {
      const principal = await services.access.authenticate(c.req.raw, remote);
      c.set("principal", principal);
      services.access.limit(group, principal, remote);
      await services.access.authorize(principal, action);
    } else services.access.limit(group, null, remote);
    if (body !== undefined) await takeBody(c, limits);
    if (options.isLong) return await next();
    await TIME.hold(next());
  };
}

/** Who only reads is answered as long as the store answers. */
function refuseUnready(c: Exchange): void {
  if (c.env.services.isReady()) return;
  throw new UnavailableError("NODE_NOT_READY", {
    message: "Cannot answer: the node is not ready, or its store is away",
    hint: "Try again after the time that Retry-After says, or ask another node",
  });
}

/**
 * The validators then find the text where they look for it. No text, said to be JSON, is a body that
 * says nothing.
 */
async function takeBody(c: Exchange, limits: BodyLimits): Promise<void> {
  const { headers } = c.req.raw;
  const text = await readBodyText(c.req.raw, limits);
  refuseDeepJson(text, limits.depthMax);
  const isEmpty = text === "" && headers.has("content-type");
  Object.assign(c.req.bodyCache, { text: Promise.resolve(isEmpty ? "{}" : text) });
}
