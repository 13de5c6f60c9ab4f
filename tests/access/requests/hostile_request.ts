import type { AttackedNode } from "../attacked_node.ts";
import type { RawPart } from "../raw_http.ts";

/** A request that must be refused. */
export interface HostileRequest {
  name: string;
  /** What goes over the wire; made when its turn comes. */
  parts: (node: AttackedNode) => readonly RawPart[] | Promise<readonly RawPart[]>;
  /** Any of these; `null`: the connection is closed without an answer. */
  status: readonly (number | null)[];
  /** Code of the problem; `null`: answered below our code, without one. */
  code: string | null;
  /** Code in the audit log; left out: the same; `null`: it never reached our code. */
  audited?: string | null;
  /** How long it takes on purpose. */
  patienceMs?: number;
  /** What must not be in the answer. */
  absent?: RegExp;
}

/** What a request is made of. */
export interface RequestText {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body?: unknown;
  /** Bearer. */
  key?: string;
  /** Value of `Host`; default: the right one. */
  host?: string;
}

/** A well-formed HTTP/1.1 request as text. */
export function requestText(node: AttackedNode, request: RequestText): string {
  const { method = request.body === undefined ? "GET" : "POST", path, key, body } = request;
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const headers: Record<string, string> = {
    host: request.host ?? new URL(node.url).host,
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(body === undefined ? {} : {
      "content-type": "application/json",
      "content-length": String(new TextEncoder().encode(text).length),
    }),
    ...request.headers,
    connection: request.headers?.connection ?? "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${path} HTTP/1.1\r\n${lines}\r\n${text}`;
}

/** A case of one well-formed request. */
export function refused(
  name: string,
  status: number | readonly (number | null)[],
  code: string | null,
  request: RequestText | ((node: AttackedNode) => RequestText | Promise<RequestText>),
  more: Partial<HostileRequest> = {},
): HostileRequest {
  return {
    name,
    status: typeof status === "number" ? [status] : status,
    code,
    parts: async (node) => [
      requestText(node, typeof request === "function" ? await request(node) : request),
    ],
    ...more,
  };
}
