/**
 * Requests that must be refused, by what they try.
 *
 * @module
 */
import type { AttackedNode } from "../attacked_node.ts";
import { CSRF_REQUESTS, HOST_REQUESTS, SOCKET_REQUESTS } from "./browsers.ts";
import { BODY_REQUESTS, PATH_REQUESTS } from "./contents.ts";
import { KEY_REQUESTS, SESSION_REQUESTS, TOKEN_REQUESTS } from "./credentials.ts";
import { FRAMING_REQUESTS } from "./framing.ts";
import type { HostileRequest } from "./hostile_request.ts";
import { routeRequests } from "./routes.ts";
import { TENANT_REQUESTS } from "./tenants.ts";

export { SLOW_REQUESTS } from "./contents.ts";
export type { HostileRequest } from "./hostile_request.ts";

/** All of them, in groups. */
export async function hostileRequests(
  node: AttackedNode,
): Promise<Record<string, readonly HostileRequest[]>> {
  return {
    "rights, route by route": await routeRequests(node),
    keys: KEY_REQUESTS,
    "sessions and links": SESSION_REQUESTS,
    tokens: TOKEN_REQUESTS,
    "pages of others": CSRF_REQUESTS,
    sockets: SOCKET_REQUESTS,
    hosts: HOST_REQUESTS,
    "other tenants": TENANT_REQUESTS,
    paths: PATH_REQUESTS,
    bodies: BODY_REQUESTS,
    framing: FRAMING_REQUESTS,
  };
}
