import { join } from "node:path";
import { probeLimits } from "../cells/mod.ts";
import { type Check, check } from "./doctor_check.ts";

/** What the project is tested with. */
const DENO_TESTED = "2.9.6";
const MEMORY_BYTES_MIN = 512 * 2 ** 20;

/** Deno's version, and the unstable parts that are used. */
export function checkDeno(): Check[] {
  const { deno } = Deno.version;
  const hint = `Run it as: npx -y deno@${DENO_TESTED} task …`;
  const status = isAtLeast(deno, DENO_TESTED) ? "green" : deno.startsWith("2.") ? "yellow" : "red";
  const hasKv = typeof Deno.openKv === "function";
  return [
    check("deno", status, `${deno}, tested with ${DENO_TESTED}`, hint),
    check(
      "deno kv",
      hasKv ? "green" : "red",
      hasKv ? "present" : "missing",
      "Start through the repository's tasks: deno.json switches it on",
    ),
  ];
}

function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split(/[.+-]/).slice(0, 3).map(Number));
  const first = [0, 1, 2].find((i) => a![i] !== b![i]);
  return first === undefined || a![first]! > b![first]!;
}

/** Cores and free memory. */
export function checkMachine(): Check[] {
  const cores = navigator.hardwareConcurrency;
  const { available, total } = Deno.systemMemoryInfo();
  const enough = available >= MEMORY_BYTES_MIN;
  return [
    check("cores", cores >= 2 ? "green" : "yellow", String(cores), "Two cores or more are faster"),
    check(
      "memory",
      enough ? "green" : "yellow",
      `${mebibytes(available)} MiB free of ${mebibytes(total)} MiB`,
      'Lower "memoryMb" and "replicas.max" of agents, or free some memory',
    ),
  ];
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** What cells can be held by. Without any of it agents still run, watched by the node alone. */
export async function checkLimits(): Promise<Check[]> {
  return (await probeLimits()).map(({ name, available, detail }) =>
    check(
      `limit ${name}`,
      available ? "green" : "yellow",
      detail,
      "Optional: agents run without it, with one wall less around them",
    )
  );
}

/** The packages that agents and the bundler need, without the network. */
export async function checkPackages(): Promise<Check[]> {
  const names = ["esbuild", "zod", "yaml", "ajv"];
  const source = names.map((name) => `import ${JSON.stringify(name)};`).join("");
  const root = join(import.meta.dirname!, "../..");
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--cached-only", source],
    cwd: root,
    stdin: "null",
  }).output();
  const hint = `Fetch them once with: npx -y deno@${DENO_TESTED} install`;
  return [
    check("npm packages", success ? "green" : "red", success ? "cached" : "missing", hint),
    await checkBundler(hint),
  ];
}

async function checkBundler(hint: string): Promise<Check> {
  try {
    const { transform, stop, version } = await import("esbuild");
    await transform("let x: number = 1", { loader: "ts" });
    await stop();
    return check("esbuild", "green", version, hint);
  } catch (error) {
    return check("esbuild", "red", error instanceof Error ? error.message : String(error), hint);
  }
}
