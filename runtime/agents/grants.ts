/**
 * What an agent asks for, held against what it was granted.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import type { Permissions } from "../../actors/manifest.ts";
import { isWithin, noPermissions, PATH_PERMISSIONS } from "../../actors/permissions.ts";
import { PERMISSION_KINDS } from "../../actors/read_declaration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { resolveRealPath } from "../cells/mod.ts";

const GRANTS_MAX = 64;
const GRANT_CHARS_MAX = 2_048;
const SHOWN_MAX = 8;

/**
 * Every kind named, every path absolute and with its links followed.
 *
 * @param permissions relative paths begin at the folder of this process
 * @throws {InvalidInputError} `INVALID_PERMISSION`
 */
export function resolveGrants(permissions: Partial<Permissions>): Permissions {
  const resolved = noPermissions();
  for (const [kind, grants] of Object.entries(permissions) as [keyof Permissions, string[]][]) {
    const isList = PERMISSION_KINDS.includes(kind) && Array.isArray(grants) &&
      grants.length <= GRANTS_MAX && grants.every(isGrant);
    if (!isList) throw wrong(kind, `at most ${GRANTS_MAX} texts of a kind there is`);
    resolved[kind] = PATH_PERMISSIONS.includes(kind) ? grants.map(toRealPath) : [...grants];
  }
  return resolved;
}

function toRealPath(path: string): string {
  const real = resolveRealPath(resolve(process.cwd(), path));
  if (real === null) throw wrong("path", `a path that can be followed, not "${path}"`);
  return real;
}

function isGrant(grant: unknown): boolean {
  return typeof grant === "string" && grant !== "" && grant.length <= GRANT_CHARS_MAX;
}

function wrong(kind: string, what: string): InvalidInputError {
  return new InvalidInputError("INVALID_PERMISSION", {
    message: `Cannot grant "${kind.slice(0, 40)}": give ${what}`,
    hint: `Kinds are ${PERMISSION_KINDS.join(", ")}`,
  });
}

/**
 * Refuses an agent that asks for more than it was granted.
 *
 * @param asked as the module writes it
 * @throws {InvalidInputError} `AGENT_PERMISSIONS_UNGRANTED`, which lists what is missing
 */
export function requireGranted(
  name: string,
  asked: Partial<Permissions>,
  granted: Permissions,
): void {
  const missing = (Object.entries(asked) as [keyof Permissions, string[]][]).flatMap(
    ([kind, values]) =>
      values.filter((value) => !isWithin(resolveGrants({ [kind]: [value] }), granted))
        .map((value) => ({ kind, value })),
  );
  if (missing.length === 0) return;
  const flags = missing.slice(0, SHOWN_MAX).map(({ kind, value }) => `--grant ${kind}=${value}`);
  const more = missing.length > SHOWN_MAX ? ` and ${missing.length - SHOWN_MAX} more` : "";
  throw new InvalidInputError("AGENT_PERMISSIONS_UNGRANTED", {
    message: `Cannot register agent "${name}": it asks for ${
      missing.slice(0, SHOWN_MAX).map(({ kind, value }) => `${kind} "${value}"`).join(", ")
    }${more}, which nobody granted`,
    hint: `Grant it with ${flags.join(" ")}, or all that it asks for with --yes`,
    details: { missing },
  });
}
