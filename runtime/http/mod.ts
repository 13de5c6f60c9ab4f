/**
 * The HTTP API of a node: routes, their reference, and what stands before them.
 *
 * @module
 */
export { type AppOptions, createApp, type HttpApp, type RequestInfo } from "./create_app.ts";
export type { Access, LiveFeeds, RateGroup, Remote, RunLogs, Services } from "./services.ts";
