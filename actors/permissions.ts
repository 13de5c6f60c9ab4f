/**
 * What an agent may reach, decided as data: grants in, verdict out. The same grants are written
 * as flags of the cell and as permissions of its worker; the broker's answers follow from here.
 *
 * @module
 */
import type { Permissions } from "./manifest.ts";

/** One thing that code in a cell asked the system for. */
export interface Ask {
  /** `read`, `write`, `net`, `env`, `run`, `sys`, `ffi` or `import`. */
  permission: string;
  /** What exactly; `null` asks for everything of the kind. */
  value: string | null;
  /**
   * For `read`, `write` and `ffi`: the path with every symbolic link followed; `null` when it
   * cannot be resolved or leads through `/proc`, `/dev` or `/sys`.
   */
  realPath?: string | null;
}

/** Kinds whose value is a path in the file system. */
export const PATH_PERMISSIONS: readonly string[] = ["read", "write", "ffi"];

/**
 * Variables that libraries look at by themselves. A cell's environment does not hold them, so the
 * answer is always "not set" and tells nothing.
 */
const HARMLESS_ENV = new Set(["NODE_ENV", "NO_COLOR", "FORCE_COLOR", "NODE_DEBUG", "CI", "DEBUG"]);

/** No access to anything. */
export function noPermissions(): Permissions {
  return { read: [], write: [], net: [], env: [], run: [], sys: [], ffi: [], import: [] };
}

/** Whether nothing at all is granted. */
export function isBlank(permissions: Permissions): boolean {
  return Object.values(permissions).every((grants: string[]) => grants.length === 0);
}

/** Whether `ask` is covered by `permissions`. Total: what it does not know it denies. */
export function isGranted(permissions: Permissions, ask: Ask): boolean {
  if (ask.value === null) return false;
  const value = ask.value;
  switch (ask.permission) {
    case "read":
    case "write":
    case "ffi":
      return permissions[ask.permission].some((root) => isInside(root, ask.realPath ?? null));
    case "net":
    case "import":
      return permissions[ask.permission].some((grant) => isHostGranted(grant, value));
    case "env":
      return HARMLESS_ENV.has(value) ||
        permissions.env.some((grant) => matchesName(grant, value));
    case "run":
      return permissions.run.includes(value);
    case "sys":
      return permissions.sys.includes(value);
    default:
      return false;
  }
}

/** Whether the absolute, normalised `path` is `root` or lies below it. */
export function isInside(root: string, path: string | null): boolean {
  if (path === null || !path.startsWith("/")) return false;
  if (path === root || root === "/") return true;
  return path.startsWith(root.endsWith("/") ? root : `${root}/`);
}

/** `NAME`, or `PREFIX_*` for all names that begin so. */
function matchesName(grant: string, name: string): boolean {
  return grant.endsWith("*") ? name.startsWith(grant.slice(0, -1)) : grant === name;
}

/** `host` grants every port of it, `host:port` one; `*.example.org` every name below. */
function isHostGranted(grant: string, asked: string): boolean {
  const [grantHost, grantPort] = splitHost(grant.toLowerCase());
  const [host, port] = splitHost(asked.toLowerCase());
  if (grantPort !== null && grantPort !== port) return false;
  if (grantHost.startsWith("*.")) return host.endsWith(grantHost.slice(1));
  return trimDot(host) === trimDot(grantHost);
}

/** `[::1]:80` → `[::1]`, `80`; `::1` → `[::1]`, no port. */
function splitHost(text: string): [host: string, port: string | null] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text);
  if (match !== null) return [match[1]!, match[2] ?? null];
  return [/^[\da-f:.]+$/.test(text) ? `[${text}]` : text, null];
}

function trimDot(host: string): string {
  return host.endsWith(".") ? host.slice(0, -1) : host;
}

/** Deno's flags for exactly these grants. */
export function permissionFlags(permissions: Permissions): string[] {
  return Object.entries(permissions)
    .filter(([, grants]: [string, string[]]) => grants.length > 0)
    // Deno splits at commas; a comma inside a value is written twice.
    .map(([kind, grants]: [string, string[]]) =>
      `--allow-${kind}=${grants.map((grant) => grant.replaceAll(",", ",,")).join(",")}`
    );
}

/** The worker's `deno.permissions` for exactly these grants: keys left out mean none. */
export function workerPermissions(permissions: Permissions): Record<string, string[]> | "none" {
  if (isBlank(permissions)) return "none";
  return Object.fromEntries(
    Object.entries(permissions).filter(([, grants]: [string, string[]]) => grants.length > 0),
  );
}

/** Whether `permissions` reach nothing that `limit` does not. Paths are absolute. */
export function isWithin(permissions: Permissions, limit: Permissions): boolean {
  return Object.entries(permissions).every(([permission, grants]: [string, string[]]) =>
    grants.every((value) => {
      // A pattern is covered by itself alone: what it matches cannot be listed.
      if (limit[permission as keyof Permissions].includes(value)) return true;
      const realPath = PATH_PERMISSIONS.includes(permission) ? value : null;
      return !value.includes("*") && isGranted(limit, { permission, value, realPath });
    })
  );
}
