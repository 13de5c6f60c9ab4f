import type { Context } from "hono";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Principal } from "../../rules/access/mod.ts";
import type { Remote } from "../access/mod.ts";
import type { Services } from "./services.ts";

/** What a request carries through the app. */
export interface AppEnv {
  Bindings: {
    services: Services;
    remote: Remote;
    requestId: string;
    /** Answers are held against their schemas before they leave. */
    checksAnswers: boolean;
    /** Template of the route that answers, once it is known: `/api/v1/runs/:runId`. */
    route?: string;
  };
  Variables: {
    principal: Principal;
  };
}

/** The app, as routes are added to it. */
export type App = OpenAPIHono<AppEnv>;

/** A request, its answer in the making, and what both need. */
export type Exchange = Context<AppEnv>;
