import { join } from "node:path";

const FOLDER = join(import.meta.dirname!, "server");
const GUARDIAN = join(FOLDER, "guardian.ts");

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  /** Of the superuser: `postgres://postgres:…@127.0.0.1:…/postgres`. */
  url: string;
  /** Its first process. */
  pid: number;
  /** Ends it, once, and removes its files; it also ends with this process. */
  stop(): Promise<void>;
}

/**
 * Starts a server that listens on a free port of the loopback address.
 *
 * @param settings as in `postgresql.conf`: `["fsync=on"]`
 */
export async function startPostgres(
  settings: readonly string[] = [],
): Promise<PostgresServer> {
  const guardian = new Deno.Command(Deno.execPath(), {
    // With a configuration of its own: what only tests need is not fetched for anybody else.
    args: [
      "run",
      "-A",
      "--config",
      join(FOLDER, "deno.json"),
      GUARDIAN,
      ...settings,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = guardian.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  let stopping: Promise<void> | undefined;
  const end = async () => {
    await guardian.stdin.close();
    await output.cancel();
    await guardian.status;
  };
  const stop = () => stopping ??= end();
  let line = "";
  while (!line.endsWith("\n")) {
    const { value, done } = await output.read();
    if (done) {
      await stop();
      throw new Error("PostgreSQL did not start");
    }
    line += value;
  }
  return { ...JSON.parse(line), stop };
}
