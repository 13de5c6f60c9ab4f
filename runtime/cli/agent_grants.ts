import type { Permissions } from "../../actors/manifest.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";

/** What an agent is granted; what is not named it is not. */
export type AgentGrants = Partial<Permissions>;

const KINDS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;
/** Those whose values are paths. */
const OF_PATHS: ReadonlySet<string> = new Set(["read", "write", "ffi"]);

/**
 * Reads `--grant KIND=VALUE`, in which values may be parted by commas.
 *
 * @param options `toPath`: makes a path absolute
 * @throws {InvalidInputError} `OPTION_VALUE_WRONG`
 */
export function readGrants(
  texts: readonly string[],
  { toPath }: { toPath: (path: string) => string },
): AgentGrants {
  const grants: AgentGrants = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    const kind = KINDS.find((one) => one === text.slice(0, Math.max(at, 0)));
    const values = text.slice(at + 1).split(",").filter((value) => value !== "");
    if (kind === undefined || values.length === 0) throw wrong(text);
    const granted = OF_PATHS.has(kind) ? values.map((path) => toPath(path)) : values;
    grants[kind] = [...grants[kind] ?? [], ...granted];
  }
  return grants;
}

function wrong(text: string): InvalidInputError {
  const near = suggest(text.split("=")[0]!, KINDS);
  return new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --grant "${text}"`,
    hint: near === null || text.startsWith(`${near}=`)
      ? `Give KIND=VALUE, such as read=src; kinds are ${KINDS.join(", ")}`
      : `Did you mean "${near}="?`,
  });
}
