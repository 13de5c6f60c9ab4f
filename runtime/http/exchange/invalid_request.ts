import type { z } from "@hono/zod-openapi";
import { suggest } from "../../../core/suggest.ts";
import type { ProblemIssue } from "../schemas/mod.ts";
import { HttpError } from "./http_error.ts";
import { wordsOf } from "./words_of_issue.ts";

/** Parts of a request, as validators call them. */
const PARTS: Readonly<Record<string, NonNullable<ProblemIssue["in"]>>> = {
  json: "body",
  query: "query",
  param: "path",
  header: "header",
};

/** The error for a part of a request that does not fit its schema. */
export function invalidRequest(
  target: string,
  error: z.ZodError,
  known: readonly string[] = [],
): HttpError {
  const part = PARTS[target] ?? "body";
  const issues = error.issues.flatMap((issue) => toIssues(issue, part, known));
  const [first] = issues;
  const where = first === undefined || first.pointer === "" ? part : `${part} "${first.pointer}"`;
  return new HttpError(400, "REQUEST_INVALID", {
    message: `Cannot take the request: ${where}: ${first?.message ?? "it is wrong"}`,
    hint: first?.hint ?? "See what it takes at /docs",
    issues,
  });
}

function toIssues(
  issue: z.core.$ZodIssue,
  part: NonNullable<ProblemIssue["in"]>,
  known: readonly string[],
): ProblemIssue[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ pointer: pointerOf(issue.path, part), in: part, message: wordsOf(issue) }];
  }
  return issue.keys.map((key) => {
    const near = suggest(key, known);
    return {
      pointer: pointerOf([...issue.path, key], part),
      in: part,
      message: "is not known",
      ...(near === null ? {} : { hint: `Did you mean "${near}"?` }),
    };
  });
}

/** JSON pointer (RFC 6901) into a body; of other parts, the parameter's name. */
function pointerOf(path: readonly PropertyKey[], part: ProblemIssue["in"]): string {
  if (part !== "body") return String(path[0] ?? "");
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(
    "",
  );
}
