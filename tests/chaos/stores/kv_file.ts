import { join } from "node:path";
import { readLine } from "../../process/read_line.ts";
import { DISK_MEBIBYTES, type StoreUnderTest, type StoreWish } from "./store_under_test.ts";
import { mountSmallDisk, type SmallDisk } from "./tmpfs.ts";

/** A Deno KV file that all nodes open. */
export async function startKvFile({ isOnSmallDisk = false }: StoreWish): Promise<StoreUnderTest> {
  const disk = isOnSmallDisk ? await mountSmallDisk(DISK_MEBIBYTES) : null;
  const folder = disk?.folder ?? await Deno.makeTempDir({ prefix: "denizen-chaos-" });
  const file = join(folder, "denizen.kv");
  return {
    url: `kv:${file}`,
    env: {},
    lock: (ms) => holdLock(file, ms),
    ...roomOf(disk),
    failOver: refuse,
    stop: async () => {
      if (disk === null) await Deno.remove(folder, { recursive: true });
      else await disk.unmount();
    },
  };
}

/** Locks the file; ends when the lock is given up. */
async function holdLock(file: string, ms: number): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", join(import.meta.dirname!, "hold_kv_lock.ts"), file, `${ms}`],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const { release } = await readLine(child.stdout);
  await child.status;
  await release();
}

/** What a store answers that was not brought in the way that this needs. */
export function refuse(): Promise<never> {
  return Promise.reject(new Error("The store was not started for this"));
}

/** What a store on a small disk, or on none, can do about its room. */
export function roomOf(disk: SmallDisk | null): Pick<StoreUnderTest, "fill" | "free"> {
  if (disk !== null) return { fill: disk.fill, free: disk.free };
  return { fill: refuse, free: refuse };
}
