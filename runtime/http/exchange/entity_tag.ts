import { HttpError } from "./http_error.ts";

/** A version as `ETag` writes it (RFC 9110 §8.8.3). */
export function toEntityTag(version: string): string {
  return `"${version}"`;
}

/** Whether the client has the version already: then 304 is answered. */
export function hasVersion(ifNoneMatch: string | null, version: string): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return readTags(ifNoneMatch).some((tag) => tag.replace(/^W\//, "") === toEntityTag(version));
}

/** What the client says that must stand there for a change. */
export type Precondition =
  | { type: "none" }
  /** `If-None-Match: *`: nothing. */
  | { type: "absent" }
  /** `If-Match: *`: whatever. */
  | { type: "present" }
  /** `If-Match`: one of these versions. */
  | { type: "versions"; versions: string[] };

/** Reads `If-Match` and `If-None-Match` of a change. Weak tags match nothing (RFC 9110 §13.1.1). */
export function readPrecondition(headers: Headers): Precondition {
  const ifMatch = headers.get("if-match");
  if (ifMatch === null) {
    const isAbsent = headers.get("if-none-match")?.trim() === "*";
    return { type: isAbsent ? "absent" : "none" };
  }
  if (ifMatch.trim() === "*") return { type: "present" };
  const strong = readTags(ifMatch).filter((tag) => !tag.startsWith("W/"));
  return { type: "versions", versions: strong.map((tag) => tag.slice(1, -1)) };
}

function readTags(header: string): string[] {
  return header.match(/(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g) ?? [];
}

/** The change was made for another version. */
export function preconditionFailed(what: string): HttpError {
  return new HttpError(412, "PRECONDITION_FAILED", {
    message: `Cannot change ${what}: it is not what If-Match or If-None-Match says`,
    hint: "Read it again, and send its ETag as If-Match",
  });
}

/** The change would be made blindly. */
export function preconditionRequired(what: string): HttpError {
  return new HttpError(428, "PRECONDITION_REQUIRED", {
    message: `Cannot change ${what} without If-Match: somebody else may have changed it`,
    hint: "Send the ETag that you read as If-Match; or `If-None-Match: *` to make it anew",
  });
}
