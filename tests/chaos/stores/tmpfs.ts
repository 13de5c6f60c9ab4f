/**
 * A small disk in memory, which a test may fill: no other program is hurt by it.
 *
 * @module
 */
import { join } from "node:path";

/** A disk of its own, mounted at `folder`. */
export interface SmallDisk {
  folder: string;
  /** Takes all the room that is left. */
  fill(): Promise<void>;
  /** Gives it back. */
  free(): Promise<void>;
  /** Takes the disk away with all that is on it. */
  unmount(): Promise<void>;
}

/** Why there can be no small disk here, and how to get one; `null` where there can. */
export function whyNoSmallDisk(): string | null {
  if (Deno.build.os !== "linux") return "a full disk needs a tmpfs: run it on Linux";
  if (Deno.uid() !== 0) return "a full disk needs a tmpfs: run it as root, as in a container";
  return null;
}

/** Mounts a disk of so many MiB. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-disk-" });
  await run("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=777`, "tmpfs", folder]);
  const filler = join(folder, "filler");
  return {
    folder,
    fill: () => Promise.resolve(fill(filler)),
    free: () => Deno.remove(filler),
    unmount: async () => {
      await run("umount", ["--lazy", folder]);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/**
 * Writes until there is no room: in large pieces, then in the smallest that the disk knows. Without
 * a pause, or those who want the same room keep it from ever being full.
 */
function fill(path: string): void {
  using file = Deno.openSync(path, { write: true, create: true, append: true });
  for (let bytes = 4 << 20; bytes >= 4_096;) {
    try {
      file.writeSync(new Uint8Array(bytes));
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOSPC") throw error;
      bytes /= 4;
    }
  }
}

async function run(program: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}
