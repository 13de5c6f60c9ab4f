/**
 * esbuild, brought in when it is first needed and gone when nobody needs it.
 *
 * @module
 */
import type * as Esbuild from "esbuild";

let users = 0;

/**
 * Runs `use` with esbuild. Its service process is shared by calls that overlap and ends with the
 * last of them: it would keep the node alive.
 */
export async function withEsbuild<T>(use: (esbuild: typeof Esbuild) => Promise<T>): Promise<T> {
  // Imported here because a start that finds its bundles in the cache never needs it.
  const esbuild = await import("esbuild");
  users++;
  try {
    return await use(esbuild);
  } finally {
    if (--users === 0) await stop(esbuild);
  }
}

/** `esbuild.stop()` asks the service to end; this also waits until it has. */
async function stop(esbuild: typeof Esbuild): Promise<void> {
  const pids = await servicePids();
  // Who came meanwhile uses the same service: ended under them, it would never answer.
  if (users > 0) return;
  await esbuild.stop();
  for (let tries = 0; tries < 200 && users === 0; tries++) {
    // One turn more than needed: the runtime takes notice of the end in a turn of its own.
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (!(await Promise.all(pids.map(exists))).includes(true)) return;
  }
}

/** Children of this process that are esbuild's; none where the system does not tell. */
async function servicePids(): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name } of Deno.readDir("/proc/self/task")) {
      const children = await Deno.readTextFile(`/proc/self/task/${name}/children`);
      for (const pid of children.split(" ").filter((text) => text !== "")) {
        const name = await Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "");
        if (name.trim() === "esbuild") found.push(pid);
      }
    }
  } catch {
    // No `/proc`, or a thread ended while it was looked at: then nothing is waited for.
  }
  return found;
}

function exists(pid: string): Promise<boolean> {
  return Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}
