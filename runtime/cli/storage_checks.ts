import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type StorePlace, targetOf } from "../node/open_store.ts";
import { type Check, check } from "./doctor_check.ts";

const COMMITS = 20;
const COMMIT_MS_SLOW = 20;
const FREE_BYTES_MIN = 100 * 2 ** 20;
const CLOCK_SKEW_MS_MAX = 2_000;

/** Where locks and fsync do not mean what SQLite needs them to mean. */
const REMOTE_FILE_SYSTEMS = /^(nfs|cifs|smb|9p|afs|ceph|fuse\.sshfs|vboxsf)/;
const VOLATILE_FILE_SYSTEMS = /^(tmpfs|ramfs)/;

/** Looks at the place of a store, be it there or not. */
export async function checkStore(place: StorePlace): Promise<Check[]> {
  const target = targetOf(place);
  if (target.type === "kv") return await checkStorage(dirname(target.path));
  if (target.type === "kv-connect") {
    const { checkKvConnect } = await import("./kv_connect_checks.ts");
    return await checkKvConnect(target.url);
  }
  const { checkDatabase } = await import("./database_checks.ts");
  return await checkDatabase(target.url);
}

/** Writes, times and removes a store where the data directory is or would be. */
async function checkStorage(dataDir: string): Promise<Check[]> {
  const folder = nearestFolder(dataDir);
  let probe: string;
  try {
    probe = await Deno.makeTempDir({ dir: folder, prefix: ".denizen-doctor-" });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return [check("store", "red", detail, "Choose a folder that you may write with --data DIR")];
  }
  try {
    return [
      await checkCommits(probe),
      await checkFileSystem(folder),
      await checkSpace(folder),
      await checkClock(probe),
    ];
  } finally {
    await Deno.remove(probe, { recursive: true });
  }
}

/** The data directory, or the closest folder above it that is there. */
function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

async function checkCommits(probe: string): Promise<Check> {
  using kv = await Deno.openKv(join(probe, "probe.kv"));
  const tookMs: number[] = [];
  for (let i = 0; i < COMMITS; i++) {
    const startedAt = performance.now();
    await kv.set(["probe", i], "x".repeat(1_000));
    tookMs.push(performance.now() - startedAt);
  }
  const medianMs = tookMs.sort((a, b) => a - b)[COMMITS / 2]!;
  return check(
    "store",
    medianMs < COMMIT_MS_SLOW ? "green" : "yellow",
    `writable, a commit takes ${medianMs.toFixed(2)} ms`,
    "Each step of a run waits for a commit: a local SSD is faster",
  );
}

async function checkFileSystem(folder: string): Promise<Check> {
  const type = await fileSystemType(folder);
  const isRemote = REMOTE_FILE_SYSTEMS.test(type);
  const status = isRemote || VOLATILE_FILE_SYSTEMS.test(type) ? "yellow" : "green";
  const hint = isRemote
    ? "Locks are not reliable on a network file system: choose a local folder with --data DIR"
    : "Runs are lost at a reboot here: choose another folder with --data DIR";
  return check("file system", status, type, hint);
}

/** Type of the mount that holds the folder, by /proc/mounts; `unknown` where there is none. */
async function fileSystemType(folder: string): Promise<string> {
  const mounts = await readFile("/proc/mounts", "utf8").catch(() => "");
  const path = `${await Deno.realPath(folder)}/`;
  let [longest, type] = ["", "unknown"];
  for (const line of mounts.split("\n")) {
    const [, point, name] = line.split(" ");
    if (point === undefined || name === undefined) continue;
    const prefix = point === "/" ? "/" : `${point.replaceAll("\\040", " ")}/`;
    if (path.startsWith(prefix) && prefix.length >= longest.length) {
      [longest, type] = [prefix, name];
    }
  }
  return type;
}

async function checkSpace(folder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return check(
    "disk space",
    free > FREE_BYTES_MIN ? "green" : "red",
    `${(free / 2 ** 30).toFixed(1)} GiB free`,
    "Free some space, or choose another disk with --data DIR",
  );
}

/** The disk's clock against ours: they differ on a remote file system, or when the clock jumped. */
async function checkClock(probe: string): Promise<Check> {
  const file = join(probe, "clock");
  await Deno.writeTextFile(file, "");
  const { mtime } = await Deno.stat(file);
  const skewMs = Math.abs(Date.now() - (mtime?.getTime() ?? 0));
  return check(
    "clock",
    skewMs < CLOCK_SKEW_MS_MAX ? "green" : "yellow",
    `${new Date().toISOString()}, ${Math.round(skewMs)} ms from the disk's`,
    "Set the clock: time limits and schedules depend on it",
  );
}
