import { delimiter, isAbsolute, join } from "node:path";

/**
 * Names of programs together with the files that they stand for: Deno asks for a program by the
 * name that the agent wrote, or by its real path.
 */
export function resolvePrograms(names: string[]): string[] {
  const found = names.map((name) => findProgram(name)).filter((path) => path !== null);
  return [...new Set([...names, ...found])];
}

function findProgram(name: string): string | null {
  if (name.includes("/")) return isAbsolute(name) ? realPath(name) : null;
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    const path = isAbsolute(folder) ? realPath(join(folder, name)) : null;
    if (path !== null) return path;
  }
  return null;
}

function realPath(path: string): string | null {
  try {
    return Deno.realPathSync(path);
  } catch {
    return null;
  }
}
