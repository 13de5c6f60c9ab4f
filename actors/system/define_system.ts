import { InvalidInputError, type Issue } from "../../core/errors.ts";
import type { SystemDefinition } from "./definition.ts";
import type { SystemInput } from "./input.ts";
import { parseSystemValue } from "./parse_system.ts";

/** An actor system that cannot run, with everything that is wrong with it. */
export class InvalidSystemError extends InvalidInputError {
  /** Errors and warnings by position. */
  readonly issues: Issue[];

  /** An error that tells the first of the issues; `name` is the file, or how the system is called. */
  constructor(name: string, issues: Issue[]) {
    const errors = issues.filter((issue) => issue.severity === "error");
    const first = errors[0];
    const count = `${errors.length} error${errors.length === 1 ? "" : "s"}`;
    const told = first === undefined ? "" : `; ${placeOf(first)}: ${first.message}`;
    super("INVALID_SYSTEM", {
      message: `Cannot accept "${name}" as an actor system: ${count}${told}`,
      hint: first?.hint ?? "Check it with: deno task validate FILE",
      details: { issues: errors.length },
    });
    this.issues = issues;
  }
}

function placeOf({ line, column, pointer }: Issue): string {
  return line === 0 ? pointer || "at its root" : `line ${line}, column ${column}`;
}

/**
 * Declares an actor system in code, in the words of the file. It meets the same checks.
 *
 * @throws {InvalidSystemError} `INVALID_SYSTEM` with all issues, each with its JSON pointer
 *
 * @example
 * ```ts
 * import { defineSystem } from "./define_system.ts";
 * const system = defineSystem({
 *   system: "counting",
 *   actors: { counter: { module: "./counter.ts" } },
 *   supervisor: { children: [{ actor: "counter", count: 3, restart: "transient" }] },
 * });
 * system.supervisor.children.length; // 3
 * ```
 */
export function defineSystem(input: SystemInput): SystemDefinition {
  const { definition, issues } = parseSystemValue(input);
  if (definition === null) throw new InvalidSystemError("defineSystem()", issues);
  return definition;
}
