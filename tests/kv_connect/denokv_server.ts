import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A `denokv` server of a test's own. */
export interface DenokvServer {
  /** For `--store`. */
  url: string;
  port: number;
  token: string;
  /** Its database. */
  readonly sqlitePath: string;
  /** `kill -9`, as often as wanted. */
  kill(): Promise<void>;
  /** Starts it again on the same port, and on the same file unless it is to be empty. */
  restart(options?: { isEmpty: boolean }): Promise<void>;
  /** Ends it and removes its file. */
  stop(): Promise<void>;
}

/** Runs what follows until its standard input ends: also when the test was killed. */
const UNTIL_END = '"$0" "$@" </dev/null & read -r _; kill -9 $!; wait';

/** Where `deno task test:kv-connect` builds the server. */
export function cacheFolder(): string {
  const caches = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? ".", ".cache");
  return join(caches, "denizen", "denokv");
}

/** The program of the server: `DENOKV_BIN`, on the `PATH`, or built before; `null`: none of them. */
export function findDenokv(): string | null {
  const named = Deno.env.get("DENOKV_BIN");
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named;
    throw new Error(`DENOKV_BIN names "${named}", which does not exist`);
  }
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  const places = [...folders, join(cacheFolder(), "bin")].map((folder) => join(folder, "denokv"));
  return places.find((place) => existsSync(place)) ?? null;
}

/** Starts a server on a free port of the loopback address, with an empty database. */
export async function startDenokv(): Promise<DenokvServer> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-denokv-" });
  const token = crypto.randomUUID();
  const port = freePort();
  const url = `http://127.0.0.1:${port}/`;
  let child: Deno.ChildProcess | null = null;
  const kill = async () => {
    await child?.stdin.close();
    await child?.status;
    child = null;
  };
  let files = 0;
  const fileOf = () => join(folder, `kv-${files}.sqlite`);
  const restart = async ({ isEmpty = false } = {}) => {
    if (isEmpty) files++;
    const args = ["--sqlite-path", fileOf(), "serve", "--addr", `127.0.0.1:${port}`];
    child = new Deno.Command("sh", {
      args: ["-c", UNTIL_END, findDenokv()!, ...args],
      env: { DENO_KV_ACCESS_TOKEN: token },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await untilItAnswers(url);
  };
  const stop = async () => {
    await kill();
    await Deno.remove(folder, { recursive: true });
  };
  await restart();
  return {
    url,
    port,
    token,
    get sqlitePath() {
      return fileOf();
    },
    kill,
    restart,
    stop,
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilItAnswers(url: string): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  for (;;) {
    try {
      await (await fetch(url, { method: "POST", headers: { connection: "close" } })).text();
      return;
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
