import type { AttackedNode } from "../attacked_node.ts";
import { type Action, decideAccess, type Rights, ROLES } from "../../../rules/access/mod.ts";
import { type HostileRequest, refused } from "./hostile_request.ts";

interface Route {
  method: string;
  path: string;
  action: Action | null;
  needsSomebody: boolean;
}

type Operation = { "x-action"?: Action; security?: unknown[] };

/**
 * Every route of the node's own reference: without a key, and with each key that may not use it. A
 * route that is added later is attacked without anybody thinking of it.
 */
export async function routeRequests(node: AttackedNode): Promise<HostileRequest[]> {
  const response = await fetch(`${node.url}/openapi.json`);
  const { paths } = await response.json() as { paths: Record<string, Record<string, Operation>> };
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => toRoute(node, path, method, operation))
  );
  return [
    ...routes.filter(({ needsSomebody }) => needsSomebody).map(withoutKey),
    ...routes.flatMap((route) => withWeakKeys(route)),
  ];
}

function toRoute(node: AttackedNode, path: string, method: string, operation: Operation): Route {
  const ids: Record<string, string> = {
    runId: node.runs.acme.waiting,
    taskId: "news",
    name: "waiter",
    version: "1.0.0",
    keyId: node.keys.viewer!.id,
    system: "none",
    letterId: "1",
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? "x");
  const action = operation["x-action"] ?? null;
  return {
    method: method.toUpperCase(),
    path: filled.startsWith("/api/") || filled.startsWith("/metrics") ? filled : `/api/v1${filled}`,
    action,
    needsSomebody: (operation.security ?? []).length > 0,
  };
}

function withoutKey({ method, path }: Route): HostileRequest {
  const body = ["POST", "PUT"].includes(method) ? { body: {} } : {};
  return refused(`${method} ${path} without a key`, 401, "AUTHENTICATION_REQUIRED", {
    method,
    path,
    ...body,
  });
}

/** Holders of rights that do not do, and what they are told. */
function withWeakKeys({ method, path, action }: Route): HostileRequest[] {
  if (action === null) return [];
  const all = { scopes: null, tenant: null, workflows: null, tags: null };
  const holders: [name: string, rights: Rights][] = [
    ...ROLES.map((role): [string, Rights] => [role, { ...all, role }]),
    ["reader", { ...all, role: "admin", scopes: ["runs:read"] }],
    ["acmeAdmin", { ...all, role: "admin", tenant: "acme" }],
  ];
  return holders.flatMap(([name, rights]) => {
    const { code } = decideAccess(rights, action);
    if (code === null) return [];
    const body = ["POST", "PUT"].includes(method) ? { body: {} } : {};
    return [
      refused(`${method} ${path} as ${name}`, 403, code, (node) => ({
        ...{ method, path, ...body },
        key: node.keys[name]!.key,
      })),
    ];
  });
}
