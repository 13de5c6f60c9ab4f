/**
 * Errors on their way from one node to another.
 *
 * @module
 */
import {
  ConflictError,
  DenizenError,
  type ErrorData,
  type ErrorOptions,
  InvalidInputError,
  InvariantError,
  toErrorData,
  UnavailableError,
} from "../../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../core/json.ts";

/** What the caller should do next travels as the name of the class. */
export function encodeError(error: unknown): JsonObject {
  const data: ErrorData = toErrorData(error);
  const more: JsonObject = {};
  if (error instanceof DenizenError) more.class = error.name;
  if (error instanceof UnavailableError) more.retryAfterMs = error.retryAfterMs;
  return { ...data, ...more } as JsonObject;
}

/** An error as the other node threw it; of what is malformed, `INTERNAL`. */
export function decodeError(value: Json | undefined): DenizenError {
  if (!isJsonObject(value) || typeof value.code !== "string") {
    return new DenizenError("INTERNAL", { message: "The other node answered what is no error" });
  }
  const { code, message, hint, details, retryAfterMs } = value;
  const options: ErrorOptions = { message: String(message ?? "") };
  if (typeof hint === "string") options.hint = hint;
  if (isJsonObject(details)) options.details = details;
  switch (value.class) {
    case "InvalidInputError":
      return new InvalidInputError(code, options);
    case "ConflictError":
      return new ConflictError(code, options);
    case "InvariantError":
      return new InvariantError(code, options);
    case "UnavailableError": {
      const wait = Number(retryAfterMs);
      return new UnavailableError(code, {
        ...options,
        ...(Number.isFinite(wait) && wait >= 0 ? { retryAfterMs: wait } : {}),
      });
    }
    default:
      return new DenizenError(code, options);
  }
}
