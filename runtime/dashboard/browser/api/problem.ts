import type { Problem as ApiProblem } from "./documents.ts";

/** What the API answers with when it refuses (RFC 9457); or what a page makes of another failure. */
export type Problem = Partial<ApiProblem> & Pick<ApiProblem, "title" | "status">;

/** A request that was refused, or that did not reach the node. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string | undefined {
    return this.problem.code;
  }
}

/** Any error as something that a page can show. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  return {
    title: "The page failed",
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    hint: "Load the page again; if it fails again, report it with the browser's console",
  };
}

/** The node did not answer at all. */
export function unreachable(cause: unknown): ApiError {
  return new ApiError({
    title: "The node does not answer",
    status: 0,
    code: "UNREACHABLE",
    detail: cause instanceof Error ? cause.message : String(cause),
    hint: "Check that it runs; this page tries again when you ask it to",
  });
}

/** The problem that a response carries, whatever its body is. */
export async function readProblem(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  try {
    const body = JSON.parse(text);
    if (typeof body.title === "string") return { ...body, status: response.status };
  } catch {
    // No JSON: a proxy's page, for instance.
  }
  return {
    title: response.statusText || `Status ${response.status}`,
    status: response.status,
    ...(text === "" ? {} : { detail: text.slice(0, 300) }),
  };
}
