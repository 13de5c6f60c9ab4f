/**
 * The link between the nodes of a cluster: calls and hints over HTTP, with a token.
 *
 * @module
 */
export { loadClusterToken, TOKEN_VARIABLE } from "./cluster_token.ts";
export { createLinkBell, type LinkBellOptions } from "./link_bell.ts";
export type { LinkHandler, LinkHandlers, ServeHttp } from "./link_server.ts";
export { LISTEN_DEFAULT, NodeLink, type NodeLinkOptions } from "./node_link.ts";
export type { LinkRefusal } from "./refusal_meter.ts";
