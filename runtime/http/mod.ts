/**
 * The HTTP API of a node: routes, their reference, and what stands before them.
 *
 * @module
 */
export { type AppOptions, createApp, type HttpApp, type RequestInfo } from "./create_app.ts";
export type { Access, FeedOptions, LiveFeeds, Services } from "./services.ts";
