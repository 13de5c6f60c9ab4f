import { join } from "node:path";

const MAIN = join(import.meta.dirname!, "../../main.ts");

/** What a finished command left. */
export interface Finished {
  code: number;
  out: string;
  err: string;
}

/** Arguments that start the command line as a user would. */
export function denizenArgs(args: readonly string[]): string[] {
  return ["run", "-A", MAIN, ...args];
}

/** Runs the command line as a process of its own, with plain output. */
export async function denizen(
  args: readonly string[],
  options: { cwd?: string; stdin?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const child = new Deno.Command(Deno.execPath(), {
    args: denizenArgs(args),
    cwd: options.cwd,
    env: { NO_COLOR: "1", ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    options.stdin === undefined
      ? undefined
      : new Blob([options.stdin]).stream().pipeTo(child.stdin),
  ]);
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: withoutDownloads(decoder.decode(stderr)) };
}

/** On a new machine the first command fetches packages, and Deno says so. */
function withoutDownloads(err: string): string {
  return err.replaceAll(/^Download http.*\n/gm, "");
}

/** Makes a folder with these files for the time of `work`. */
export async function withFolder<T>(
  files: Record<string, string>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "denizen-test-" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A command that goes on. */
export interface Started {
  child: Deno.ChildProcess;
  /** Resolves once the text stood on standard error; rejects when it ends without. */
  saw(text: string): Promise<void>;
  /** What it left at its end. */
  finished: Promise<Finished>;
}

/** Starts the command line and leaves it to the test. */
export function startDenizen(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Started {
  return startDeno(denizenArgs(args), cwd, env);
}

/** Starts a program of Deno, with plain output. */
export function startDeno(
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): Started {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let err = "";
  const waiting: { text: string; resolve: () => void }[] = [];
  const tellWaiting = () => {
    for (const { text, resolve } of waiting) if (err.includes(text)) resolve();
  };
  const read = async () => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      err += chunk;
      tellWaiting();
    }
  };
  const ended = Promise.all([child.status, new Response(child.stdout).text(), read()]);
  return {
    child,
    saw: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ text, resolve });
        tellWaiting();
        ended.then(() => reject(new Error(`It ended without "${text}":\n${err}`)));
      }),
    finished: ended.then(([{ code }, out]) => ({ code, out, err })),
  };
}
