/**
 * The composition root: a node with its API, live streams, dashboard and metrics.
 *
 * @module
 */
export type { Registration } from "./register_files.ts";
export { isLoopback } from "./require_safe_listen.ts";
export { type Server, type ServerOptions, startServer } from "./start_server.ts";
