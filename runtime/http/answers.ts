/**
 * Answers: as the reference describes them, and as they leave.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "@hono/zod-openapi";
import { InvariantError } from "../../core/errors.ts";
import type { Exchange } from "./app_env.ts";
import { STATUS_TEXT } from "./exchange/mod.ts";
import { problemSchema } from "./schemas/mod.ts";

/**
 * What is sent with data. Each header costs more than a microsecond, so these are the ones that mean
 * something for JSON: it is never shown as a page, framed, or read by other sites.
 */
const DATA_HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

/** JSON text of documents that were answered before, and have not changed since. */
const texts = new WeakMap<object, string>();

/** Answers that have all headers that any answer has. */
const complete = new WeakSet<Response>();

/** Answers whose bodies are made as they are read. */
const streams = new WeakSet<Response>();

/** Notes that the body is made as it is read: nobody is to read it for its length. */
export function streamed(response: Response): Response {
  streams.add(response);
  return response;
}

/** Whether the body is made as it is read. */
export function isStreamed(response: Response): boolean {
  return streams.has(response) ||
    (response.headers.get("content-type")?.startsWith("text/event-stream") ?? false);
}

/** Whether an answer needs no more headers: to look at them costs more than to make them. */
export function isComplete(response: Response): boolean {
  return complete.has(response);
}

/**
 * A document as an answer. The same object is written out once: whoever keeps one for several
 * answers must not change it.
 *
 * Where answers are checked (in tests, always), one that does not fit its schema, or has members that
 * the schema does not name, becomes `ANSWER_INVALID`. In production they are not: the types of the
 * schemas hold handlers to them, and a check would cost more than the answer.
 */
export function reply<Schema extends z.ZodType>(
  c: Exchange,
  schema: Schema,
  document: z.input<Schema> & object,
  options: { status?: 200 | 201 | 202; headers?: Record<string, string> } = {},
): Response {
  let text = texts.get(document);
  if (text === undefined) texts.set(document, text = JSON.stringify(document));
  if (c.env.checksAnswers) checkAnswer(c, schema, text);
  const { status = 200, headers } = options;
  const response = new Response(text, {
    status,
    headers: { ...DATA_HEADERS, "x-request-id": c.env.requestId, ...headers },
  });
  complete.add(response);
  return response;
}

function checkAnswer(c: Exchange, schema: z.ZodType, text: string): void {
  const value = JSON.parse(text);
  const result = schema.safeParse(value);
  if (result.success && isDeepStrictEqual(result.data, value)) return;
  throw new InvariantError("ANSWER_INVALID", {
    message: `Cannot answer ${c.req.method} "${c.req.path}" with what does not fit its schema`,
    hint: "Report it: the reference and the node disagree",
    details: { reason: result.success ? "unknown members" : z.prettifyError(result.error), text },
  });
}

/** Nothing to say but that it is done. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}

/** A JSON answer, for the reference. */
export function json<Schema extends z.ZodType>(
  schema: Schema,
  description: string,
  headers: Record<string, { description: string }> = {},
) {
  const described = Object.fromEntries(
    Object.entries(headers).map(([name, { description }]) => [
      name,
      { description, schema: { type: "string" as const } },
    ]),
  );
  return {
    description,
    ...(Object.keys(described).length === 0 ? {} : { headers: described }),
    content: { "application/json": { schema } },
  };
}

/** A JSON body, for the reference and the validators. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema, required = true) {
  return { required, content: { "application/json": { schema } } };
}

/** What any request may be refused with. */
const ALWAYS = [400, 401, 403, 404, 405, 406, 408, 413, 415, 421, 429, 500, 503] as const;

/** Refusals of a route, for the reference: those of every route, and its own. */
export function refusals<Own extends 409 | 412 | 422 | 428>(...own: Own[]) {
  return Object.fromEntries(
    [...ALWAYS, ...own].map((status) => [
      status,
      { $ref: `#/components/responses/${nameOfRefusal(status)}` },
    ]),
  ) as Record<typeof ALWAYS[number] | Own, { $ref: string }>;
}

/** `NotFound` of 404. */
export function nameOfRefusal(status: number): string {
  return STATUS_TEXT[status]!.replaceAll(" ", "");
}

/** All refusals as components of the document. */
export function refusalComponents(): Record<string, object> {
  const statuses = [...ALWAYS, 409, 412, 422, 428];
  return Object.fromEntries(statuses.map((status) => [nameOfRefusal(status), describe(status)]));
}

function describe(status: number): object {
  return {
    description: STATUS_TEXT[status]!,
    ...([429, 503].includes(status)
      ? { headers: { "Retry-After": { description: "Seconds", schema: { type: "integer" } } } }
      : {}),
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
}

/** Registered as a component, so that refusals can refer to it. */
export const problemComponent = problemSchema;
