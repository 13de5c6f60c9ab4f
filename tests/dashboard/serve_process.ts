/**
 * `deno task serve` as a process, as a stranger starts it.
 *
 * @module
 */
import { join } from "node:path";

const ROOT = join(import.meta.dirname!, "../..");

/** Generous: a busy machine is slow, a node that hangs is broken. */
const START_MS = 180_000;
const STOP_MS = 120_000;

/** A node that serves the dashboard. */
export interface Serving {
  /** Where it is, such as `http://127.0.0.1:41234`. */
  url: string;
  /** The link that it printed: good for one sign-in. */
  signInUrl: string;
  /** The key that it printed. */
  apiKey: string;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/**
 * Starts a node on a new data directory and waits for its sign-in link.
 *
 * @param files workflow files to register
 */
export async function startServing(dataDir: string, files: string[] = []): Promise<Serving> {
  const args = ["task", "serve", "--port", "0", "--data", dataDir, ...files];
  const child = new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let told = "";
  const link = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      told += chunk;
      if (/one sign-in: \S+\n/.test(told)) link.resolve();
    }
  };
  const ended = Promise.all([read(child.stdout), read(child.stderr), child.status]);
  ended.then(() => link.reject(new Error(`The node ended without a link:\n${told}`)));
  const late = setTimeout(
    () => link.reject(new Error(`The node gave no link in time:\n${told}`)),
    START_MS,
  );
  try {
    await link.promise;
  } catch (error) {
    killIfAlive(child);
    await ended;
    throw error;
  } finally {
    clearTimeout(late);
  }
  const signInUrl = /one sign-in: (\S+)/.exec(told)![1]!;
  const apiKey = /shown once: (\S+)/.exec(told)![1]!;
  return {
    url: new URL(signInUrl).origin,
    signInUrl,
    apiKey,
    async stop() {
      child.kill("SIGINT");
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        killIfAlive(child);
      }, STOP_MS);
      await ended;
      clearTimeout(timer);
      if (isLate) throw new Error(`The node did not end when it was asked to:\n${told}`);
    },
  };
}

/** What has ended already cannot be killed, and says so by an error. */
function killIfAlive(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It was faster.
  }
}
