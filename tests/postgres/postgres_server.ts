import { cp } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";

const FOLDER = join(import.meta.dirname!, "server");
const GUARDIAN = join(FOLDER, "guardian.ts");
const CONFIG = join(FOLDER, "deno.json");

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  /** Of the superuser: `postgres://postgres:…@127.0.0.1:…/postgres`. */
  url: string;
  /** Its first process. */
  pid: number;
  /** Its data directory. */
  data: string;
  /** Ends it, once, and removes its files; it also ends with this process. */
  stop(): Promise<void>;
}

/**
 * Starts a server that listens on a free port of the loopback address.
 *
 * @param settings as in `postgresql.conf`: `["fsync=on"]`
 */
export function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  return start("", crypto.randomUUID(), settings);
}

/**
 * Starts a standby that follows a server, by a backup as the manual describes it ("Making a
 * Non-Exclusive Low-Level Backup"), and waits until it streams.
 */
export async function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  const sql = postgres(primary.url, { max: 1, onnotice: () => {} });
  const { password, port } = new URL(primary.url);
  const copied = await Deno.makeTempDir({ prefix: "denizen-standby-" });
  try {
    await sql`select pg_backup_start('standby', true)`;
    await cp(primary.data, copied, {
      recursive: true,
      filter: (path) => !/\/(postmaster\.(pid|opts)|pg_wal\/.+|pg_replslot\/.+)$/.test(path),
    });
    const [backup] = await sql`select labelfile from pg_backup_stop(false)`;
    await Deno.writeTextFile(join(copied, "backup_label"), backup!.labelfile);
    await Deno.writeTextFile(join(copied, "standby.signal"), "");
    const source = `host=127.0.0.1 port=${port} user=postgres password=${password}`;
    const standby = await start(copied, password, [`primary_conninfo=${source}`]);
    for (let streams = 0; streams === 0;) {
      streams = (await sql`select 1 from pg_stat_replication where state = 'streaming'`).length;
    }
    return standby;
  } finally {
    await sql.end();
  }
}

async function start(
  copied: string,
  password: string,
  settings: readonly string[],
): Promise<PostgresServer> {
  const guardian = new Deno.Command(Deno.execPath(), {
    // With a configuration of its own: what only tests need is not fetched for anybody else.
    args: ["run", "-A", "--config", CONFIG, GUARDIAN, copied, password, ...settings],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = guardian.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let stopping: Promise<void> | undefined;
  const end = async () => {
    guardian.ref();
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
  // Otherwise an uncaught error of a test would kill it before it has cleared away.
  guardian.unref();
  return { ...JSON.parse(line), stop };
}
