/**
 * Prometheus' own checker: where it is, and how to get it.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";

/** Where `deno task test:promtool` puts it when the machine has none. */
export function promtoolFolder(): string {
  const home = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? "/tmp", ".cache");
  return join(home, "denizen", "promtool");
}

/** Path of promtool: `PROMTOOL`, on the `PATH`, or where the task put it; `null` where there is none. */
export function findPromtool(): string | null {
  const named = process.env.PROMTOOL;
  const places = [
    ...(named === undefined ? [] : [named]),
    ...(process.env.PATH ?? "").split(":").map((folder) => join(folder, "promtool")),
    join(promtoolFolder(), "usr", "bin", "promtool"),
  ];
  return places.find((place) => isFile(place)) ?? null;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What it says, and whether it is content. */
export async function runPromtool(
  program: string,
  args: string[],
  input = "",
): Promise<{ success: boolean; output: string }> {
  const child = new Deno.Command(program, {
    args,
    cwd: join(import.meta.dirname!, "..", "..", "deploy", "prometheus"),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { success, output: decoder.decode(stdout) + decoder.decode(stderr) };
}
