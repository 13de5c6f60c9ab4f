import { dirname, join } from "node:path";

/** As in Linux, `MAXSYMLINKS`. */
const LINKS_MAX = 40;

/** File systems whose links mean another thing for each process that follows them. */
const MAGIC = ["/proc", "/dev", "/sys"];

/**
 * Follows every symbolic link of an absolute, normalised path, also where the last parts do not
 * exist yet, so that a dangling link counts as what it points to. Asks the system synchronously:
 * the worker stands still until it has its answer, and a turn of the event loop costs ten times as
 * much as the call.
 *
 * @returns `null` when the path loops, cannot be read, or leads through `/proc`, `/dev` or `/sys`,
 *   whose links (`/proc/self/root`, `/dev/fd`) another process would follow elsewhere
 */
export function resolveRealPath(path: string): string | null {
  if (!path.startsWith("/") || path.includes("\0") || isMagic(path)) return null;
  // The common case in one call: the path exists and has no link in it.
  return realPath(path) === path ? path : walk(path);
}

function walk(path: string): string | null {
  let resolved = "/";
  let parts = toParts(path);
  for (let links = 0; parts.length > 0;) {
    const next = join(resolved, parts[0]!);
    if (isMagic(next)) return null;
    const target = readLink(next);
    if (target === undefined) return null;
    parts = parts.slice(1);
    if (target === null) {
      resolved = next;
    } else {
      if (++links > LINKS_MAX) return null;
      // `..` of a target is taken step by step, after the links before it, as the kernel does.
      parts = [...toParts(target), ...parts];
      if (target.startsWith("/")) resolved = "/";
    }
    while (parts[0] === "..") {
      resolved = dirname(resolved);
      parts = parts.slice(1);
    }
  }
  return resolved;
}

function toParts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function isMagic(path: string): boolean {
  return MAGIC.some((root) => path === root || path.startsWith(`${root}/`));
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}

/** Target of a link; `null`: no link, or nothing there; `undefined`: cannot be told. */
function readLink(path: string): string | null | undefined {
  try {
    return Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : null;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? null : undefined;
  }
}
