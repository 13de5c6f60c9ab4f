import type { AttackedNode } from "../attacked_node.ts";
import { type HostileRequest, refused, requestText } from "./hostile_request.ts";

const KEYS = "/api/v1/keys";

/** Ways out of the folders that may be read. */
export const PATH_REQUESTS: readonly HostileRequest[] = [
  ...[
    "../../../../etc/passwd",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "/etc/passwd",
    "%2Fetc%2Fpasswd",
    "file:///etc/passwd",
    "../secret.txt",
    "out/../../secret.txt",
    "out/report.html%00.png",
    "..%5C..%5Csecret.txt",
    "out//report.html",
    "./out/report.html",
    "out",
    "%252e%252e%252fsecret.txt",
  ].map((path) =>
    refused(`file of a run: ${path}`, 404, "FILE_NOT_FOUND", (node) => ({
      path: `/api/v1/runs/${node.runs.acme.ended}/files?path=${path}`,
      key: node.keys.acme!.key,
    }), { absent: /root:|top secret/ })
  ),
  refused("file of a run: none", 400, "REQUEST_INVALID", (node) => ({
    path: `/api/v1/runs/${node.runs.acme.ended}/files?path=`,
    key: node.keys.acme!.key,
  })),
  ...[
    "/assets/../../deno.json",
    "/assets/%2e%2e/%2e%2e/deno.json",
    "/assets/..%2f..%2fdeno.json",
    "/assets/..%5c..%5cdeno.json",
    "/assets/%00",
    "/assets/nothing.js",
  ].map((path) =>
    refused(`file of the dashboard: ${path}`, 404, null, { path }, {
      audited: path.startsWith("/assets/../") || path.includes("%2e%2e/")
        ? "PATH_NOT_FOUND"
        : "REQUEST_INVALID",
      absent: /root:|"imports"/,
    })
  ),
  ...[
    "/../../../etc/passwd",
    "/..%2f..%2fetc%2fpasswd",
    "//etc/passwd",
    "/.env",
    "/data/denizen.kv",
    "/api/v1/../../etc/passwd",
    "/api/v1",
    "/api/v2/runs",
  ].map((path) =>
    refused(
      `path: ${path}`,
      404,
      "PATH_NOT_FOUND",
      ({ keys }) => ({ path, key: keys.admin!.key }),
      {
        absent: /root:/,
      },
    )
  ),
  ...["..", "%2e%2e%2fkeys", "x%00", "x%0d%0aSet-Cookie:%20a=b", "'%20or%201=1--"].map((id) =>
    refused(`id of a run: ${id}`, [400, 404], null, ({ keys }) => ({
      path: `/api/v1/runs/${id}`,
      key: keys.admin!.key,
    }), { audited: "*", absent: /set-cookie: a/i })
  ),
  refused("id of a key: a path", [400, 404], null, ({ keys }) => ({
    path: `${KEYS}/..%2fruns`,
    key: keys.admin!.key,
  }), { audited: "*" }),
  refused("name of a workflow: a path", [400, 404], null, ({ keys }) => ({
    path: "/api/v1/workflows/..%2f..%2fetc",
    key: keys.admin!.key,
  }), { audited: "*" }),
  refused("a node's link without its token", 401, null, ({ keys }) => ({
    method: "POST",
    path: "/link/ring",
    key: keys.admin!.key,
    body: { topics: ["terms"] },
  }), { audited: null }),
];

/** Bodies that are too large, too deep, too slow or no JSON. */
export const BODY_REQUESTS: readonly HostileRequest[] = [
  refused("a body that claims a gigabyte", 413, "BODY_TOO_LARGE", ({ keys }) => ({
    method: "POST",
    path: KEYS,
    key: keys.admin!.key,
    headers: { "content-type": "application/json", "content-length": "1000000000" },
  })),
  refused("a body of a megabyte", 413, "BODY_TOO_LARGE", ({ keys }) => ({
    path: KEYS,
    key: keys.admin!.key,
    body: { name: "x".repeat(1_000_000), role: "viewer" },
  })),
  {
    name: "body: pieces without an end",
    status: [413],
    code: "BODY_TOO_LARGE",
    parts: chunkedFlood,
  },
  wrongBody(
    "100,000 levels of lists",
    "BODY_TOO_DEEP",
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  ),
  wrongBody(
    "30,000 levels of objects",
    "BODY_TOO_DEEP",
    `${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`,
  ),
  wrongBody("levels that never close", "BODY_TOO_DEEP", "[".repeat(100_000)),
  refused("an input of 100,000 levels", 400, "BODY_TOO_DEEP", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.operator!.key,
    body: `{"workflow":"waiter","input":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
  })),
  wrongBody("no JSON", "BODY_NOT_JSON", "name=x"),
  wrongBody("JSON that is cut off", "BODY_NOT_JSON", '{"name":"x","role"'),
  wrongBody("two JSON values", "BODY_NOT_JSON", '{"name":"x","role":"viewer"}{}'),
  wrongBody("JSON with NaN", "BODY_NOT_JSON", '{"name":NaN,"role":"viewer"}'),
  wrongBody("null", "REQUEST_INVALID", "null"),
  wrongBody("a list", "REQUEST_INVALID", "[]"),
  wrongBody("a text", "REQUEST_INVALID", '"x"'),
  wrongBody("nothing", "REQUEST_INVALID", ""),
  wrongBody("a member that there is not", "REQUEST_INVALID", { name: "x", role: "viewer", is: 1 }),
  wrongBody("a role that there is not", "REQUEST_INVALID", { name: "x", role: "superadmin" }),
  wrongBody("a name that is no text", "REQUEST_INVALID", { name: { $ne: null }, role: "viewer" }),
  wrongBody(
    "__proto__",
    "REQUEST_INVALID",
    '{"name":"x","role":"viewer","__proto__":{"role":"admin"}}',
  ),
  wrongBody(
    "constructor.prototype",
    "REQUEST_INVALID",
    '{"name":"x","role":"viewer","constructor":{"prototype":{"role":"admin"}}}',
  ),
  wrongBody("a name that steers terminals", "KEY_INVALID", { name: "\u001b[2J", role: "viewer" }),
  wrongBody("a scope that there is not", "KEY_INVALID", {
    name: "x",
    role: "viewer",
    scopes: ["all"],
  }),
  wrongBody("an end that is past", "KEY_INVALID", {
    name: "x",
    role: "viewer",
    expiresAt: "2020-01-01T00:00:00.000Z",
  }),
  {
    name: "body: bytes that are no UTF-8",
    status: [400],
    code: "BODY_NOT_TEXT",
    parts: (node) => [
      requestText(node, {
        method: "POST",
        path: KEYS,
        key: node.keys.admin!.key,
        headers: { "content-type": "application/json", "content-length": "4" },
      }),
      new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
    ],
  },
  mediaType("text/xml"),
  mediaType("text/plain"),
  mediaType("application/x-www-form-urlencoded"),
  mediaType("multipart/form-data; boundary=b"),
  mediaType("application/jsonp"),
  mediaType(""),
  refused("an answer in another media type", 406, "NOT_ACCEPTABLE", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.viewer!.key,
    headers: { accept: "text/html" },
  })),
  refused("an idempotency key that is no token", 400, "REQUEST_INVALID", ({ keys }) => ({
    path: "/api/v1/runs",
    key: keys.operator!.key,
    headers: { "idempotency-key": "a b" },
    body: { workflow: "waiter" },
  })),
  refused("an altered cursor", 400, "CURSOR_INVALID", ({ keys }) => ({
    path: "/api/v1/runs?cursor=AAAAAAAAAAAAAAAA",
    key: keys.viewer!.key,
  })),
  refused("a limit that there is not", 400, "REQUEST_INVALID", ({ keys }) => ({
    path: "/api/v1/runs?limit=1e9",
    key: keys.viewer!.key,
  })),
  ...["PATCH", "TRACE", "BREW", "PROPFIND"].map((method) =>
    refused(`method ${method}`, [404, 405, 400, 501], null, ({ keys }) => ({
      method,
      path: KEYS,
      key: keys.admin!.key,
    }), { audited: "*" })
  ),
  refused("a method in another header", 403, "ROLE_INSUFFICIENT", ({ keys }) => ({
    method: "POST",
    path: `${KEYS}/${keys.operator!.id}/rotate`,
    headers: { "x-http-method-override": "GET", "x-method-override": "GET" },
    key: keys.viewer!.key,
    body: {},
  })),
  refused("a method in the query", 405, "METHOD_NOT_ALLOWED", ({ keys }) => ({
    method: "POST",
    path: `${KEYS}/${keys.operator!.id}?_method=DELETE`,
    key: keys.admin!.key,
    body: {},
  })),
];

/** Bodies that keep the node waiting; they are sent beside all others. */
export const SLOW_REQUESTS: readonly HostileRequest[] = [
  {
    name: "body: a byte a second",
    status: [408],
    code: "BODY_TOO_SLOW",
    patienceMs: 30_000,
    parts: (node) => [
      postOf(node, { "content-length": "1000" }),
      ...Array.from({ length: 30 }, () => ["x", { waitMs: 1_000 }]).flat(),
    ],
  },
  {
    name: "body: none of the bytes that were promised",
    status: [408],
    code: "BODY_TOO_SLOW",
    patienceMs: 30_000,
    parts: (node) => [postOf(node, { "content-length": "10" })],
  },
];

function wrongBody(what: string, code: string, body: unknown): HostileRequest {
  return refused(`body: ${what}`, 400, code, ({ keys }) => ({
    path: KEYS,
    key: keys.admin!.key,
    body,
  }));
}

function mediaType(type: string): HostileRequest {
  return refused(`media type "${type}"`, 415, "MEDIA_TYPE_WRONG", ({ keys }) => ({
    path: KEYS,
    key: keys.admin!.key,
    headers: { "content-type": type },
    body: '{"name":"x","role":"viewer"}',
  }));
}

function postOf(node: AttackedNode, headers: Record<string, string>): string {
  return requestText(node, {
    method: "POST",
    path: KEYS,
    key: node.keys.admin!.key,
    headers: { "content-type": "application/json", ...headers },
  });
}

function chunkedFlood(node: AttackedNode) {
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  return [
    postOf(node, { "transfer-encoding": "chunked" }),
    ...Array.from({ length: 40 }, () => chunk),
  ];
}
