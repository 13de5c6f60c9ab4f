import type { AttackedNode } from "../attacked_node.ts";
import { type HostileRequest, refused } from "./hostile_request.ts";

const NOT_FOUND = "RUN_NOT_FOUND";
const HIDDEN = { audited: "OTHER_TENANT" };

/** Somebody of tenant acme reaches for what is of tenant umbrella: there is no such thing. */
export const TENANT_REQUESTS: readonly HostileRequest[] = [
  ofOthers("GET", ""),
  ofOthers("GET", "?items=false"),
  ofOthers("GET", "/graph"),
  ofOthers("GET", "/tasks/news"),
  ofOthers("GET", "/logs"),
  ofOthers("GET", "/events"),
  ofOthers("GET", "/files?path=out/report.html", "ended"),
  ofOthers("POST", "/tasks/news/cancel"),
  ofOthers("POST", "/cancel"),
  ofOthers("POST", "/pause"),
  ofOthers("POST", "/resume"),
  ofOthers("POST", "/retry", "ended"),
  ofOthers("POST", "/fork", "ended"),
  ofOthers("POST", "/signals/go"),
  refused("acme streams the events of a run of umbrella", 404, NOT_FOUND, (node) => ({
    path: `/api/v1/runs/${node.runs.umbrella.waiting}/events`,
    key: node.keys.acme!.key,
    headers: { accept: "text/event-stream", "last-event-id": "1.0" },
  }), HIDDEN),
  refused("acme begins a run of umbrella", 400, "RUN_REQUEST_WRONG", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.acme!.key,
    body: { workflow: "waiter", tenant: "umbrella" },
  })),
  ofOtherKey("GET", ""),
  ofOtherKey("POST", "/rotate"),
  ofOtherKey("DELETE", ""),
  refused("acme makes a key of umbrella", 403, "RIGHTS_EXCEEDED", ({ keys }) => ({
    path: "/api/v1/keys",
    key: keys.acmeAdmin!.key,
    body: { name: "x", role: "viewer", tenant: "umbrella" },
  })),
  refused("acme reads a key of nobody's", 404, "KEY_NOT_FOUND", ({ keys }) => ({
    path: `/api/v1/keys/${keys.admin!.id}`,
    key: keys.acmeAdmin!.key,
  }), HIDDEN),
  refused("somebody reads the view of somebody else", 404, "VIEW_NOT_FOUND", async (node) => {
    await saveView(node);
    return { path: "/api/v1/views/mine", key: node.keys.viewer!.key };
  }),
  refused("somebody deletes the view of somebody else", 404, "VIEW_NOT_FOUND", async (node) => {
    await saveView(node);
    return { method: "DELETE", path: "/api/v1/views/mine", key: node.keys.acme!.key };
  }),
  refused("a key for other workflows begins a run", 403, "WORKFLOW_NOT_ALLOWED", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.repoOnly!.key,
    body: { workflow: "waiter" },
  })),
  refused("a key for other workflows reads a run", 403, "WORKFLOW_NOT_ALLOWED", (node) => ({
    path: `/api/v1/runs/${node.runs.acme.waiting}`,
    key: node.keys.repoOnly!.key,
  })),
  refused("a key for other workflows reads the graph", 403, "WORKFLOW_NOT_ALLOWED", ({ keys }) => ({
    path: "/api/v1/knowledge",
    key: keys.repoOnly!.key,
  })),
  refused("acme removes an agent that is not there", 404, "AGENT_UNKNOWN", ({ keys }) => ({
    method: "DELETE",
    path: "/api/v1/agents/nobody/1.0.0",
    key: keys.acmeAdmin!.key,
  })),
  refused(
    "a key for other workflows reads a workflow",
    403,
    "WORKFLOW_NOT_ALLOWED",
    ({ keys }) => ({
      path: "/api/v1/workflows/waiter",
      key: keys.repoOnly!.key,
    }),
  ),
  refused("a key for other workflows registers one", 403, "WORKFLOW_NOT_ALLOWED", ({ keys }) => ({
    path: "/api/v1/workflows",
    key: keys.repoAdmin!.key,
    body: { source: { name: "waiter", tasks: { a: { value: 1 } } } },
  })),
  refused("a key for other workflows changes one", 403, "WORKFLOW_NOT_ALLOWED", ({ keys }) => ({
    method: "PUT",
    path: "/api/v1/workflows/waiter",
    key: keys.repoAdmin!.key,
    headers: { "if-match": "*" },
    body: { source: { name: "waiter", tasks: { a: { value: 1 } } } },
  })),
  refused("a viewer has a file of the node read", 403, "ROLE_INSUFFICIENT", ({ keys }) => ({
    path: "/api/v1/workflows/validate",
    key: keys.viewer!.key,
    body: {
      source: { name: "x", agents: { a: { module: "/srv/a.ts" } }, tasks: { t: { agent: "a" } } },
    },
  })),
  refused("a key for other tags reads a run", 403, "TAG_NOT_ALLOWED", (node) => ({
    path: `/api/v1/runs/${node.runs.acme.waiting}`,
    key: node.keys.nightlyOnly!.key,
  })),
  refused("a key for a tag begins a run without it", 403, "TAG_NOT_ALLOWED", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.nightlyOnly!.key,
    body: { workflow: "waiter" },
  })),
  refused("an operator runs what was not registered", 403, "ROLE_INSUFFICIENT", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.operator!.key,
    body: { definition: { name: "x", tasks: { a: { value: 1 } } } },
  })),
];

function ofOthers(
  method: string,
  rest: string,
  which: "ended" | "waiting" = "waiting",
): HostileRequest {
  const name = `acme: ${method} ${rest === "" ? "a run" : rest} of umbrella`;
  return refused(name, 404, NOT_FOUND, (node) => ({
    method,
    path: `/api/v1/runs/${node.runs.umbrella[which]}${rest}`,
    key: node.keys.acme!.key,
    ...(method === "POST" ? { body: {} } : {}),
  }), HIDDEN);
}

function ofOtherKey(method: string, rest: string): HostileRequest {
  return refused(`acme: ${method} a key${rest} of umbrella`, 404, "KEY_NOT_FOUND", ({ keys }) => ({
    method,
    path: `/api/v1/keys/${keys.umbrella!.id}${rest}`,
    key: keys.acmeAdmin!.key,
    ...(method === "POST" ? { body: {} } : {}),
  }), HIDDEN);
}

async function saveView({ url, keys }: AttackedNode): Promise<void> {
  const response = await fetch(`${url}/api/v1/views/mine`, {
    method: "PUT",
    headers: { authorization: `Bearer ${keys.operator!.key}`, "content-type": "application/json" },
    body: JSON.stringify({ filters: {} }),
  });
  await response.body?.cancel();
}
