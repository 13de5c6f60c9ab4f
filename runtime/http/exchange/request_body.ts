import { joinBytes } from "../../../core/join_bytes.ts";
import { HttpError } from "./http_error.ts";

/** How much of a body is taken, and how long is waited for it. */
export interface BodyLimits {
  bytesMax: number;
  /** From the first look to the last byte. */
  timeoutMs: number;
  /** Objects and lists within each other. */
  depthMax: number;
}

/** What plain requests may send. */
export const BODY_LIMITS: BodyLimits = { bytesMax: 256 * 1024, timeoutMs: 10_000, depthMax: 64 };

/**
 * Text of a request's body, within limits.
 *
 * @throws {HttpError} 413 `BODY_TOO_LARGE`, 408 `BODY_TOO_SLOW`, 400 `BODY_NOT_TEXT`, `BODY_CUT_OFF`
 */
export async function readBodyText(request: Request, limits: BodyLimits): Promise<string> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limits.bytesMax) throw tooLarge(limits);
  if (request.body === null) return "";
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(tooSlow(limits)), limits.timeoutMs);
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), timeout.promise]);
      if (done) return decode(joinBytes(chunks));
      bytes += value.length;
      if (bytes > limits.bytesMax) throw tooLarge(limits);
      chunks.push(value);
    }
  } catch (error) {
    // What is left of it is not waited for.
    reader.cancel().catch(() => {});
    throw error instanceof HttpError ? error : cutOff(error);
  } finally {
    clearTimeout(timer);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new HttpError(400, "BODY_NOT_TEXT", {
      message: "Cannot read the body: it is not UTF-8",
      hint: "Send JSON in UTF-8",
      cause: error,
    });
  }
}

/**
 * Refuses JSON text that is nested deeper than the limit, without parsing it: a parser, and all that
 * walks what it made, may run out of stack.
 *
 * @throws {HttpError} 400 `BODY_TOO_DEEP`
 */
export function refuseDeepJson(text: string, depthMax: number): void {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (isInText) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) isInText = false;
    } else if (char === QUOTE) isInText = true;
    else if (char === OPEN_BRACE || char === OPEN_BRACKET) {
      if (++depth > depthMax) throw tooDeep(depthMax);
    } else if (char === CLOSE_BRACE || char === CLOSE_BRACKET) depth--;
  }
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

function tooLarge({ bytesMax }: BodyLimits): HttpError {
  return new HttpError(413, "BODY_TOO_LARGE", {
    message: `Cannot take a body of more than ${bytesMax} bytes`,
    hint: "Send less, or in several requests",
    details: { bytesMax },
    headers: { connection: "close" },
  });
}

function tooSlow({ timeoutMs }: BodyLimits): HttpError {
  return new HttpError(408, "BODY_TOO_SLOW", {
    message: `Cannot wait longer than ${timeoutMs} ms for the body`,
    hint: "Send the whole body at once",
    details: { timeoutMs },
    headers: { connection: "close" },
  });
}

function tooDeep(depthMax: number): HttpError {
  return new HttpError(400, "BODY_TOO_DEEP", {
    message: `Cannot take JSON that is nested more than ${depthMax} levels deep`,
    hint: "Send flatter values",
    details: { depthMax },
  });
}

function cutOff(cause: unknown): HttpError {
  return new HttpError(400, "BODY_CUT_OFF", {
    message: "Cannot read the body: it ended before it was whole",
    hint: "Send the request again",
    cause,
  });
}
