/**
 * The agents of one run, ready for cells: permissions resolved against the run's input.
 *
 * @module
 */
import { realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { AgentManifest, Permissions } from "../../actors/mod.ts";
import { InvalidInputError } from "../../core/errors.ts";
import { compileTemplate } from "../../rules/mod.ts";
import type { AgentSpec, PermissionsSpec } from "../../workflows/mod.ts";
import type { JsonObject } from "../../core/json.ts";

/** What permissions may refer to. */
export interface PermissionBindings {
  input: JsonObject;
  vars: JsonObject;
  run: { id: string; name: string };
}

const PATHS = new Set(["read", "write", "ffi"]);

/**
 * Resolves what an agent may reach: expressions rendered, paths absolute and real.
 *
 * @param workDir absolute folder at which relative paths begin
 * @throws {InvalidInputError} `INVALID_PERMISSION` when an expression gives something else than text
 */
export async function manifestOf(
  spec: AgentSpec,
  codeHash: string,
  options: { bindings: PermissionBindings; workDir: string },
): Promise<AgentManifest> {
  const { name, concurrency, replicas, memoryMb } = spec;
  const permissions = await resolvePermissions(spec, options);
  return { name, codeHash, permissions, workDir: options.workDir, concurrency, replicas, memoryMb };
}

/** Whether the agent may reach the same in every run that starts in the same folder. */
export function hasFixedPermissions(spec: AgentSpec): boolean {
  const grants = Object.values(spec.permissions).flat();
  const isPath = (spec.permissions.read ?? spec.permissions.write ?? spec.permissions.ffi)?.length;
  return !isPath && !grants.some((grant) => grant.includes("${{"));
}

async function resolvePermissions(
  spec: AgentSpec,
  options: { bindings: PermissionBindings; workDir: string },
): Promise<Permissions> {
  const resolved: Permissions = {
    read: [],
    write: [],
    net: [],
    env: [],
    run: [],
    sys: [],
    ffi: [],
    import: [],
  };
  for (const kind of Object.keys(resolved) as (keyof PermissionsSpec)[]) {
    for (const grant of spec.permissions[kind] ?? []) {
      const value = renderGrant(spec, kind, grant, options.bindings);
      resolved[kind].push(
        PATHS.has(kind) ? await realPath(resolve(options.workDir, value)) : value,
      );
    }
  }
  return resolved;
}

/** What an actor may reach: paths absolute and real. Actor systems have no expressions. */
export async function resolveGrants(
  permissions: Permissions,
  workDir: string,
): Promise<Permissions> {
  const resolved = structuredClone(permissions);
  for (const kind of ["read", "write", "ffi"] as const) {
    resolved[kind] = await Promise.all(
      permissions[kind].map((path) => realPath(resolve(workDir, path))),
    );
  }
  return resolved;
}

function renderGrant(
  spec: AgentSpec,
  kind: string,
  grant: string,
  bindings: PermissionBindings,
): string {
  const value = compileTemplate(grant).render({ ...bindings });
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidInputError("INVALID_PERMISSION", {
    message: `Cannot grant "${kind}" to agent "${spec.name}": "${grant}" is ${
      JSON.stringify(value)
    }, not text`,
    hint: "Give the input that it names, or write the value itself",
    details: { pointer: `/agents/${spec.name}/permissions/${kind}` },
  });
}

/** The path with links followed, as far as it exists. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), path.slice(parent.length));
  }
}
