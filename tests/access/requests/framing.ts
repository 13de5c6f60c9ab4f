import type { AttackedNode } from "../attacked_node.ts";
import { type HostileRequest, requestText } from "./hostile_request.ts";

/** Refused below our code, or the connection is closed. */
const BELOW = [400, 414, 431, 501, 505, null] as const;
/** A second request, hidden in the first. */
const HIDDEN = "GET /api/v1/keys HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
/** What a second answer would begin with. */
const SECOND = /HTTP\/1\.1 \d{3}/;

/** Requests that are read in two ways by two programs, or by none. */
export const FRAMING_REQUESTS: readonly HostileRequest[] = [
  framed("two lengths", { "content-length": "5\r\ncontent-length: 50" }, `{}   ${HIDDEN}`),
  framed("two lengths in one", { "content-length": "5, 50" }, `{}   ${HIDDEN}`),
  framed("a negative length", { "content-length": "-1" }, "{}"),
  framed("a length with a sign", { "content-length": "+2" }, "{}"),
  framed("a length in hexadecimal", { "content-length": "0x2" }, "{}"),
  framed("a length beyond all numbers", { "content-length": "9".repeat(30) }, "{}"),
  framed("a length that is no number", { "content-length": "two" }, "{}"),
  framed("an unknown coding", { "transfer-encoding": "xchunked" }, `0\r\n\r\n${HIDDEN}`),
  framed(
    "a coding after chunked",
    { "transfer-encoding": "chunked, identity" },
    `0\r\n\r\n${HIDDEN}`,
  ),
  framed(
    "a coding and a name with a space",
    { "transfer-encoding ": "chunked" },
    `0\r\n\r\n${HIDDEN}`,
  ),
  framed("a folded header", { "x-a": "b\r\n c" }, "", "GET"),
  framed("a header without a name", { "": "x" }, "", "GET"),
  framed("a header with a space in its name", { "x a": "x" }, "", "GET"),
  framed("a header with NUL", { "x-a": "a\0b" }, "", "GET"),
  framed("a header with a lone CR", { "x-a": "a\rset-cookie: a=b" }, "", "GET"),
  framed("a header of a megabyte", { "x-a": "a".repeat(1_000_000) }, "", "GET"),
  {
    ...raw("10,000 headers", (node) => {
      const headers = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`x-${n}`, "x"]));
      return requestText(node, { path: "/api/v1/runs", key: node.keys.viewer!.key, headers });
    }),
  },
  raw("a target of a megabyte", (node) => {
    return requestText(node, { path: `/${"a".repeat(1_000_000)}`, key: node.keys.viewer!.key });
  }),
  raw("no version", () => "GET /api/v1/runs\r\n\r\n"),
  raw("a version to come", ({ address }) => {
    return `GET /api/v1/runs HTTP/9.9\r\nhost: 127.0.0.1:${address.port}\r\n\r\n`;
  }),
  raw("a method with NUL", () => "GE\0T / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"),
  raw("a target with a space", () => "GET /a b HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"),
  raw("a target without a slash", () => "GET api/v1/runs HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"),
  raw("noise", () => "\x00\x01\x02\x03\r\n\r\n"),
  {
    name: "framing: the greeting of TLS",
    status: BELOW,
    code: null,
    audited: null,
    parts: () => [
      new Uint8Array([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03]),
      "\r\n\r\n",
    ],
  },
  raw("a tunnel", () => "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n", {
    status: [400, 404, 405, 421, 501, null],
    audited: "?",
  }),
  raw("no host", () => "GET /api/v1/runs HTTP/1.1\r\nconnection: close\r\n\r\n", {
    status: [400, 401, 421],
    audited: "?",
  }),
  raw("a host that no URL may have", () => {
    return "GET /api/v1/runs HTTP/1.1\r\nhost: evil-127.0.0.1\r\nconnection: close\r\n\r\n";
  }),
  raw("two hosts", ({ address }) => {
    return `GET /api/v1/runs HTTP/1.1\r\nhost: 127.0.0.1:${address.port}\r\nhost: evil.example\r\n` +
      "connection: close\r\n\r\n";
  }, { status: [400, 401, 421], audited: "?" }),
  raw("an empty host", () => "GET /api/v1/runs HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n", {
    status: [400, 401, 421],
    audited: "?",
  }),
  raw("an old version without a host", () => "GET /api/v1/runs HTTP/1.0\r\n\r\n", {
    status: [400, 401, 421],
    audited: "?",
  }),
  {
    ...framed(
      "a length and pieces, with a second request behind",
      { "content-length": "4", "transfer-encoding": "chunked", connection: "keep-alive" },
      `0\r\n\r\n${HIDDEN}`,
    ),
    // Pieces count (RFC 9112 §6.3); the second one is read as what it is, a request without a key.
    status: [400, 401, 403, null],
    audited: "?",
    absent: /"items"/,
  },
];

function framed(
  what: string,
  headers: Record<string, string>,
  body: string,
  method = "POST",
): HostileRequest {
  return raw(what, (node) => {
    const path = "/api/v1/keys";
    const key = node.keys.viewer!.key;
    const type = { "content-type": "application/json" };
    return requestText(node, { method, path, key, headers: { ...type, ...headers } }) + body;
  });
}

function raw(
  what: string,
  text: (node: AttackedNode) => string,
  more: Partial<HostileRequest> = {},
): HostileRequest {
  return {
    name: `framing: ${what}`,
    status: BELOW,
    code: null,
    audited: null,
    absent: SECOND,
    parts: (node) => [text(node)],
    ...more,
  };
}
