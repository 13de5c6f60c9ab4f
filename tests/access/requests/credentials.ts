import { setTimeout as sleep } from "node:timers/promises";
import { SignJWT } from "jose";
import type { AttackedNode } from "../attacked_node.ts";
import { type HostileRequest, refused } from "./hostile_request.ts";

const RUNS = "/api/v1/runs";
const INVALID = "CREDENTIALS_INVALID";

/** Keys that do not count. */
export const KEY_REQUESTS: readonly HostileRequest[] = [
  withHeader("Basic", () => `Basic ${btoa("admin:admin")}`),
  withHeader("Bearer without anything", () => "Bearer"),
  withHeader("Bearer with a space at the end alone", () => "Bearer  "),
  withHeader("a key without Bearer", (node) => node.keys.admin!.key),
  withHeader("a right key twice", ({ keys }) => `Bearer ${keys.admin!.key}, ${keys.admin!.key}`),
  withHeader("5,000 characters", () => `Bearer ${"a".repeat(5_000)}`),
  withHeader("noise", () => "Bearer ../../etc/passwd"),
  withHeader("text that is no ASCII", () => "Bearer dnz_ä"),
  withHeader("a key that is cut off", ({ keys }) => `Bearer ${keys.admin!.key.slice(0, -1)}`),
  withHeader("a key with more behind it", ({ keys }) => `Bearer ${keys.admin!.key}A`),
  withHeader("a key in capitals", ({ keys }) => `Bearer ${keys.admin!.key.toUpperCase()}`),
  withHeader("a key that nobody made", () => `Bearer dnz_${"1".repeat(26)}_${"A".repeat(43)}`),
  withHeader(
    "the id of a key with another secret",
    ({ keys }) => `Bearer dnz_${keys.admin!.id}_${"A".repeat(43)}`,
  ),
  withHeader(
    "the id of one key with the secret of another",
    ({ keys }) => `Bearer dnz_${keys.admin!.id}_${keys.viewer!.key.slice(-43)}`,
  ),
  withHeader("a revoked key", ({ keys }) => `Bearer ${keys.revoked!.key}`),
  withHeader("a key before its rotation", ({ keys }) => `Bearer ${keys.rotated!.key}`),
  withHeader("an expired key", ({ keys }) => `Bearer ${keys.brief!.key}`, "CREDENTIALS_EXPIRED"),
  refused("a key in the query", 401, "AUTHENTICATION_REQUIRED", ({ keys }) => ({
    path: `${RUNS}?access_token=${keys.admin!.key}`,
  })),
  refused("a key as the session's cookie", 401, INVALID, ({ keys, cookieName }) => ({
    path: RUNS,
    headers: { cookie: `${cookieName}=${keys.admin!.key}` },
  })),
  refused("a key in another header", 401, "AUTHENTICATION_REQUIRED", ({ keys }) => ({
    path: RUNS,
    headers: { "x-api-key": keys.admin!.key },
  })),
  refused("a session by a revoked key", 401, INVALID, ({ keys }) => ({
    path: "/api/v1/auth/session",
    body: { apiKey: keys.revoked!.key },
  })),
  refused("a session by an expired key", 401, "CREDENTIALS_EXPIRED", ({ keys }) => ({
    path: "/api/v1/auth/session",
    body: { apiKey: keys.brief!.key },
  })),
];

function withHeader(
  what: string,
  authorization: (node: AttackedNode) => string,
  code: string = INVALID,
): HostileRequest {
  return refused(`authorization: ${what}`, 401, code, (node) => ({
    path: RUNS,
    headers: { authorization: authorization(node) },
  }));
}

/** Sessions and links that do not count. */
export const SESSION_REQUESTS: readonly HostileRequest[] = [
  withCookie("noise", () => "noise"),
  withCookie("nobody's", () => `dns_${"1".repeat(26)}_${"A".repeat(43)}`),
  withCookie("one with another secret", ({ session }) => {
    return `${valueOf(session.cookie).slice(0, -43)}${"A".repeat(43)}`;
  }),
  withCookie("one that has ended", async (node) => {
    const { cookie, csrfToken } = await openSession(node, node.keys.viewer!.key);
    await fetch(`${node.url}/api/v1/auth/sign-out`, {
      method: "POST",
      headers: { cookie, "x-csrf-token": csrfToken, origin: node.url },
    }).then((response) => response.body?.cancel());
    return valueOf(cookie);
  }),
  withCookie("one of a key that was revoked since", async (node) => {
    const { id, key } = await makeKey(node, { name: "short", role: "viewer" });
    const { cookie } = await openSession(node, key);
    await change(node, "DELETE", `/keys/${id}`);
    return valueOf(cookie);
  }),
  withCookie("one of a key that was rotated since", async (node) => {
    const { id, key } = await makeKey(node, { name: "turned", role: "viewer" });
    const { cookie } = await openSession(node, key);
    await change(node, "POST", `/keys/${id}/rotate`);
    return valueOf(cookie);
  }),
  withCookie("one that is older than a week", async (node) => {
    const { cookie } = await openSession(node, node.keys.viewer!.key);
    await alter(node, "sessions", idOf(cookie), { createdAt: Date.now() - 8 * 86_400_000 });
    return valueOf(cookie);
  }, "CREDENTIALS_EXPIRED"),
  withCookie("one that was idle for a day", async (node) => {
    const { cookie } = await openSession(node, node.keys.viewer!.key);
    await alter(node, "sessions", idOf(cookie), { lastUsedAt: Date.now() - 86_400_000 });
    return valueOf(cookie);
  }, "CREDENTIALS_EXPIRED"),
  refused("two cookies of our name", 401, INVALID, ({ session, viewerSession }) => ({
    path: RUNS,
    headers: { cookie: `${session.cookie}; ${viewerSession.cookie}` },
  })),
  refused("the cookie of another port", 401, "AUTHENTICATION_REQUIRED", ({ session }) => ({
    path: RUNS,
    headers: { cookie: `denizen-1=${valueOf(session.cookie)}` },
  })),
  signIn("noise", () => "noise"),
  signIn("nobody's", () => `dnl_${"1".repeat(26)}_${"A".repeat(43)}`),
  signIn("one that was used", async (node) => {
    const token = await linkToken(node);
    await fetch(`${node.url}/api/v1/auth/sign-in`, jsonPost({ token }))
      .then((response) => response.body?.cancel());
    return token;
  }),
  signIn("one with another secret", async (node) => {
    return `${(await linkToken(node)).slice(0, -43)}${"A".repeat(43)}`;
  }),
  signIn("one that is older than ten minutes", async (node) => {
    const token = await linkToken(node);
    await alter(node, "sign-in-links", token.split("_")[1]!, { expiresAt: Date.now() - 1 });
    return token;
  }),
];

function withCookie(
  what: string,
  value: (node: AttackedNode) => string | Promise<string>,
  code: string = INVALID,
): HostileRequest {
  return refused(`session: ${what}`, 401, code, async (node) => ({
    path: RUNS,
    headers: { cookie: `${node.cookieName}=${await value(node)}` },
  }));
}

function signIn(
  what: string,
  token: (node: AttackedNode) => string | Promise<string>,
): HostileRequest {
  return refused(`sign-in link: ${what}`, 401, "SIGN_IN_LINK_INVALID", async (node) => ({
    path: "/api/v1/auth/sign-in",
    body: { token: await token(node) },
  }));
}

/** Tokens that do not count. */
export const TOKEN_REQUESTS: readonly HostileRequest[] = [
  token("with algorithm none", (text) => join({ alg: "none", typ: "at+jwt" }, claimsOf(text), "")),
  token("with algorithm none and the old signature", (text) => {
    return join({ ...headerOf(text), alg: "none" }, claimsOf(text), signatureOf(text));
  }),
  token("with algorithm None", (text) => {
    return join({ ...headerOf(text), alg: "None" }, claimsOf(text), "");
  }),
  token("with another name of a key", (text) => {
    return join({ ...headerOf(text), kid: "1".repeat(26) }, claimsOf(text), signatureOf(text));
  }),
  token("with a path as the name of a key", (text) => {
    return join({ ...headerOf(text), kid: "../../dev/null" }, claimsOf(text), signatureOf(text));
  }),
  token("without the name of a key", (text) => {
    return join({ alg: "HS256", typ: "at+jwt" }, claimsOf(text), signatureOf(text));
  }),
  token("with a key of its own in the header", (text) => {
    const jwk = { kty: "oct", k: "AAAA" };
    return join({ ...headerOf(text), jwk }, claimsOf(text), signatureOf(text));
  }),
  token("with the claims of another principal", (text, node) => {
    return join(headerOf(text), { ...claimsOf(text), sub: node.keys.admin!.id }, signatureOf(text));
  }),
  token("that lives longer than it was made for", (text) => {
    return join(headerOf(text), { ...claimsOf(text), exp: 9_999_999_999 }, signatureOf(text));
  }),
  token("with its signature cut off", (text) => text.slice(0, -4)),
  token("with an altered signature", (text) => {
    return `${text.slice(0, -10)}${text.at(-10) === "A" ? "B" : "A"}${text.slice(-9)}`;
  }),
  token("with four parts", (text) => `${text}.AAAA`),
  token("of dots alone", () => ".."),
  token("of claims that are no JSON", (text) => {
    return `${text.split(".")[0]}.bm90IGpzb24.${signatureOf(text)}`;
  }),
  signed("of another issuer", (jwt) => jwt.setIssuer("https://evil.example")),
  signed("for somebody else", (jwt) => jwt.setAudience("another-api")),
  signed("for nobody", (jwt) => jwt.setAudience([])),
  signed("of another type", (jwt) => jwt, INVALID, { header: { typ: "JWT" } }),
  signed("signed by another algorithm", (jwt) => jwt, INVALID, { header: { alg: "HS512" } }),
  signed("that counts from tomorrow on", (jwt) => jwt.setNotBefore("1d")),
  signed("that was made tomorrow", (jwt) => jwt.setIssuedAt("1d")),
  signed(
    "of last year that lasts ten years",
    (jwt) => jwt.setIssuedAt("-1y").setExpirationTime("10y"),
    "CREDENTIALS_EXPIRED",
  ),
  signed("of a subject that has no such family", (jwt) => jwt.setSubject("1".repeat(26))),
  signed("that is over", (jwt) => jwt.setExpirationTime("-1m"), "CREDENTIALS_EXPIRED"),
  signed("of a family that there is not", (jwt) => jwt, INVALID, { family: "1".repeat(26) }),
  token("that is a refresh token", (_, { tokens }) => tokens.refreshToken),
  token("of a family that was revoked", async (_, node) => {
    const { accessToken, refreshToken } = await issueTokens(node);
    await fetch(`${node.url}/api/v1/auth/revoke`, jsonPost({ refreshToken }))
      .then((response) => response.body?.cancel());
    return accessToken;
  }),
  token("of a family whose refresh token came twice", async (_, node) => {
    const { accessToken, refreshToken } = await issueTokens(node);
    for (let times = 0; times < 2; times++) await refreshOnce(node, refreshToken);
    return accessToken;
  }),
  refresh("noise", INVALID, () => "noise"),
  refresh("an access token", INVALID, ({ tokens }) => tokens.accessToken),
  refresh("one with another secret", INVALID, ({ tokens }) => {
    return `${tokens.refreshToken.slice(0, -43)}${"A".repeat(43)}`;
  }),
  refresh("one that was used", "REFRESH_TOKEN_REUSED", async (node) => {
    const { refreshToken } = await issueTokens(node);
    await refreshOnce(node, refreshToken);
    return refreshToken;
  }),
  refresh("the newest of a family in which one came twice", INVALID, async (node) => {
    const { refreshToken } = await issueTokens(node);
    const next = await refreshOnce(node, refreshToken);
    await refreshOnce(node, refreshToken);
    return next!;
  }),
  refresh("one of a key that was revoked since", INVALID, async (node) => {
    const { id, key } = await makeKey(node, { name: "gone", role: "viewer" });
    const { refreshToken } = await issueTokens(node, key);
    await change(node, "DELETE", `/keys/${id}`);
    return refreshToken;
  }),
  refused("new tokens by a token", 403, "KEY_REQUIRED", ({ tokens }) => ({
    method: "POST",
    path: "/api/v1/auth/token",
    key: tokens.accessToken,
  })),
  refused("new tokens by a session", 403, "KEY_REQUIRED", ({ session, url }) => ({
    method: "POST",
    path: "/api/v1/auth/token",
    headers: { cookie: session.cookie, "x-csrf-token": session.csrfToken, origin: url },
  })),
];

function token(
  what: string,
  alter: (text: string, node: AttackedNode) => string | Promise<string>,
  code: string = INVALID,
): HostileRequest {
  return refused(`token ${what}`, 401, code, async (node) => ({
    path: RUNS,
    key: await alter(node.tokens.accessToken, node),
  }));
}

/** A token that is signed with the node's own key, and wrong in one thing alone. */
function signed(
  what: string,
  alter: (jwt: SignJWT) => SignJWT,
  code: string = INVALID,
  other: { header?: { alg?: string; typ?: string }; family?: string } = {},
): HostileRequest {
  return token(what, async (text, { server }) => {
    const { kid } = headerOf(text) as { kid: string };
    const found = await server.node.stores.documents.get("signing-keys", kid);
    const { secret } = found!.value as { secret: string };
    const { sub, family } = claimsOf(text) as { sub: string; family: string };
    const jwt = new SignJWT({ family: other.family ?? family })
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid, ...other.header })
      .setSubject(sub)
      .setIssuer("denizen")
      .setAudience("denizen-api")
      .setIssuedAt()
      .setExpirationTime("10m");
    return await alter(jwt).sign(new TextEncoder().encode(secret));
  }, code);
}

function refresh(
  what: string,
  code: string,
  text: (node: AttackedNode) => string | Promise<string>,
): HostileRequest {
  return refused(`refresh token: ${what}`, 401, code, async (node) => ({
    path: "/api/v1/auth/refresh",
    body: { refreshToken: await text(node) },
  }));
}

// --- parts of tokens ---

function headerOf(text: string): Record<string, unknown> {
  return partOf(text, 0);
}

function claimsOf(text: string): Record<string, unknown> {
  return partOf(text, 1);
}

function partOf(text: string, at: number): Record<string, unknown> {
  const bytes = Uint8Array.fromBase64(text.split(".")[at]!, { alphabet: "base64url" });
  return JSON.parse(new TextDecoder().decode(bytes));
}

function signatureOf(text: string): string {
  return text.split(".")[2]!;
}

function join(header: object, claims: object, signature: string): string {
  return `${encode(header)}.${encode(claims)}.${signature}`;
}

function encode(value: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

// --- what attackers get hold of first ---

function valueOf(cookie: string): string {
  return cookie.slice(cookie.indexOf("=") + 1);
}

function idOf(cookie: string): string {
  return valueOf(cookie).split("_")[1]!;
}

function jsonPost(body: object): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

async function openSession(node: AttackedNode, apiKey: string) {
  const response = await fetch(`${node.url}/api/v1/auth/session`, jsonPost({ apiKey }));
  const { csrfToken } = await response.json() as { csrfToken: string };
  return { cookie: response.headers.get("set-cookie")!.split(";")[0]!, csrfToken };
}

async function linkToken(node: AttackedNode): Promise<string> {
  return (await node.server.signInLink())!.split("/").at(-1)!;
}

async function issueTokens(node: AttackedNode, key = node.keys.operator!.key) {
  const response = await fetch(`${node.url}/api/v1/auth/token`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
  });
  return await response.json() as { accessToken: string; refreshToken: string };
}

/** The next refresh token, if there is one. */
async function refreshOnce(node: AttackedNode, refreshToken: string): Promise<string | undefined> {
  const response = await fetch(`${node.url}/api/v1/auth/refresh`, jsonPost({ refreshToken }));
  return (await response.json() as { refreshToken?: string }).refreshToken;
}

async function makeKey(node: AttackedNode, wish: object): Promise<{ id: string; key: string }> {
  return await change(node, "POST", "/keys", wish) as { id: string; key: string };
}

async function change(
  node: AttackedNode,
  method: string,
  path: string,
  body: object = {},
): Promise<unknown> {
  const response = await fetch(`${node.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${node.keys.admin!.key}`,
      "content-type": "application/json",
    },
    ...(method === "DELETE" ? {} : { body: JSON.stringify(body) }),
  });
  return await response.json();
}

/** Changes what the store keeps, in place of waiting for days. */
async function alter(
  node: AttackedNode,
  collection: string,
  key: string,
  members: Record<string, number>,
): Promise<void> {
  const { documents } = node.server.node.stores;
  const found = await documents.get(collection, key);
  await documents.put(collection, key, { ...found!.value as object, ...members });
  // What was looked up is known for two seconds.
  await sleep(2_100);
}
