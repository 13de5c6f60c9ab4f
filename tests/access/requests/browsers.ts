import type { AttackedNode, IssuedSession } from "../attacked_node.ts";
import { type HostileRequest, refused } from "./hostile_request.ts";

const EVIL = "https://evil.example";
const CSRF = "CSRF_REFUSED";
const ORIGIN = "ORIGIN_NOT_ALLOWED";

/** What pages of other people make a signed-in browser send. */
export const CSRF_REQUESTS: readonly HostileRequest[] = [
  forged("without a token", CSRF, ({ url }) => ({ origin: url })),
  forged("with a wrong token", CSRF, ({ url }) => ({ origin: url, "x-csrf-token": "A" })),
  forged("with the token of another session", CSRF, ({ url, viewerSession }) => ({
    origin: url,
    "x-csrf-token": viewerSession.csrfToken,
  })),
  forged("with an empty token", CSRF, ({ url }) => ({ origin: url, "x-csrf-token": "" })),
  forged("with a token, and nothing that says whose page it is", CSRF, ({ session }) => ({
    "x-csrf-token": session.csrfToken,
  })),
  forged("of a page of another site", ORIGIN, ({ session }) => ({
    origin: EVIL,
    "x-csrf-token": session.csrfToken,
  })),
  forged("of a page without an origin", ORIGIN, ({ session }) => ({
    origin: "null",
    "x-csrf-token": session.csrfToken,
  })),
  forged("of another port of this host", ORIGIN, ({ session }) => ({
    origin: "http://127.0.0.1:1",
    "x-csrf-token": session.csrfToken,
  })),
  forged("of our host over HTTPS", ORIGIN, ({ session, url }) => ({
    origin: url.replace("http:", "https:"),
    "x-csrf-token": session.csrfToken,
  })),
  forged("of our host with a letter more", ORIGIN, ({ session, url }) => ({
    origin: `${url}0`,
    "x-csrf-token": session.csrfToken,
  })),
  forged("that the browser calls cross-site", ORIGIN, ({ session }) => ({
    "sec-fetch-site": "cross-site",
    "x-csrf-token": session.csrfToken,
  })),
  forged("that the browser calls same-site", ORIGIN, ({ session }) => ({
    "sec-fetch-site": "same-site",
    "x-csrf-token": session.csrfToken,
  })),
  forged("that somebody typed", CSRF, ({ session }) => ({
    "sec-fetch-site": "none",
    "x-csrf-token": session.csrfToken,
  })),
  form("as a form", "application/x-www-form-urlencoded", "name=x&role=admin"),
  form("as plain text", "text/plain", '{"name":"x","role":"admin"}'),
  form("as a file", "multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"),
  refused("a session deletes a key without a token", 403, CSRF, ({ session, keys, url }) => ({
    method: "DELETE",
    path: `/api/v1/keys/${keys.viewer!.id}`,
    headers: { cookie: session.cookie, origin: url },
  })),
  refused("a session is ended by another site", 403, ORIGIN, ({ session }) => ({
    method: "POST",
    path: "/api/v1/auth/sign-out",
    headers: { cookie: session.cookie, origin: EVIL },
  })),
  refused("another site signs a browser in as itself", 403, ORIGIN, ({ keys }) => ({
    path: "/api/v1/auth/session",
    headers: { origin: EVIL },
    body: { apiKey: keys.viewer!.key },
  })),
  refused("another site reads with a session", 403, CSRF, ({ session }) => ({
    path: "/api/v1/runs",
    headers: { cookie: session.cookie, "sec-fetch-site": "cross-site" },
  })),
  refused("another port reads with a session", 403, CSRF, ({ session }) => ({
    path: "/api/v1/runs",
    headers: { cookie: session.cookie, "sec-fetch-site": "same-site" },
  })),
  refused("another site writes with a key", 403, ORIGIN, ({ keys }) => ({
    path: "/api/v1/keys",
    headers: { origin: EVIL },
    key: keys.admin!.key,
    body: { name: "x", role: "admin" },
  })),
  refused("another site asks whether it may write", 403, null, {
    method: "OPTIONS",
    path: "/api/v1/keys",
    headers: { origin: EVIL, "access-control-request-method": "POST" },
  }, { audited: "REQUEST_INVALID", absent: /access-control-allow/i }),
];

function forged(
  what: string,
  code: string,
  headers: (node: AttackedNode) => Record<string, string>,
): HostileRequest {
  return refused(`a session makes a key ${what}`, 403, code, (node) => ({
    path: "/api/v1/keys",
    headers: { cookie: node.session.cookie, ...headers(node) },
    body: { name: "x", role: "admin" },
  }));
}

/** Forms need nobody's leave to be sent to other sites. */
function form(how: string, type: string, body: string): HostileRequest {
  return refused(`another site sends ${how}`, 403, ORIGIN, ({ session }) => ({
    path: "/api/v1/keys",
    headers: { cookie: session.cookie, origin: EVIL, "content-type": type },
    body,
  }));
}

/** WebSockets know no CORS: whoever takes them must look. */
export const SOCKET_REQUESTS: readonly HostileRequest[] = [
  socket("without anybody", 401, "AUTHENTICATION_REQUIRED", () => ({})),
  socket("of our own page, without anybody", 401, "AUTHENTICATION_REQUIRED", ({ url }) => ({
    origin: url,
  })),
  socket("of another site, with a session", 403, ORIGIN, ({ session }) => ({
    origin: EVIL,
    cookie: session.cookie,
  })),
  socket("of a page without an origin, with a session", 403, ORIGIN, ({ session }) => ({
    origin: "null",
    cookie: session.cookie,
  })),
  socket("that says nothing of its page, with a session", 403, CSRF, ({ session }) => ({
    cookie: session.cookie,
  })),
  socket("of another site, with a key", 403, ORIGIN, ({ keys }) => ({
    origin: EVIL,
    authorization: `Bearer ${keys.admin!.key}`,
  })),
  socket("with a revoked key", 401, "CREDENTIALS_INVALID", ({ keys }) => ({
    authorization: `Bearer ${keys.revoked!.key}`,
  })),
  refused("a socket without the upgrade", 426, "UPGRADE_NEEDED", ({ keys }) => ({
    path: "/ws",
    key: keys.viewer!.key,
  })),
];

function socket(
  what: string,
  status: number,
  code: string,
  headers: (node: AttackedNode) => Record<string, string>,
): HostileRequest {
  return refused(`a socket ${what}`, status, code, (node) => ({
    path: "/ws",
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      ...headers(node),
    },
  }));
}

const HOST = "HOST_NOT_ALLOWED";

/** Names that were made to lead here, so that a page of theirs counts as ours. */
export const HOST_REQUESTS: readonly HostileRequest[] = [
  host("of another site", "evil.example"),
  host("of another site with our port", "evil.example:PORT"),
  host("that begins as ours", "127.0.0.1.evil.example"),
  host("that ends as ours", "evil-localhost"),
  host("of another machine", "10.0.0.1"),
  host("below localhost", "a.localhost"),
  host("of every machine", "0.0.0.0"),
  host("with a user's name", "127.0.0.1@evil.example"),
  refused("a right host and a target of another site", 421, HOST, ({ keys }) => ({
    path: "http://evil.example/api/v1/runs",
    key: keys.admin!.key,
  })),
  refused("a host of another site and our target", 421, HOST, ({ keys, url }) => ({
    path: `${url}/api/v1/runs`,
    host: "evil.example",
    key: keys.admin!.key,
  })),
  refused("the page itself for another host", 421, HOST, { path: "/", host: "evil.example" }),
  refused("a socket for another host", 421, HOST, ({ session }: { session: IssuedSession }) => ({
    path: "/ws",
    host: "evil.example",
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      origin: "http://evil.example",
      cookie: session.cookie,
    },
  })),
];

function host(what: string, name: string): HostileRequest {
  return refused(`a host ${what}`, 421, HOST, ({ keys, address }) => ({
    path: "/api/v1/runs",
    host: name.replace("PORT", String(address.port)),
    key: keys.admin!.key,
  }));
}
