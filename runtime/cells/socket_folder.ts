/**
 * Private folders for the sockets of cells. They lie in the system's temporary folder because the
 * path of a unix socket may have 107 bytes at most.
 *
 * @module
 */
import { dirname, join } from "node:path";

const PREFIX = "denizen-";
const PATH_CHARS_MAX = 90;

/** Makes a folder that only this user may enter. */
export function makeSocketFolder(): string {
  const prefix = `${PREFIX}${Deno.pid}-`;
  const folder = Deno.makeTempDirSync({ prefix });
  if (folder.length <= PATH_CHARS_MAX) return Deno.realPathSync(folder);
  Deno.removeSync(folder);
  return Deno.makeTempDirSync({ dir: "/tmp", prefix });
}

/** Removes what nodes left behind that were killed. */
export async function removeStaleSocketFolders(): Promise<void> {
  const probe = await Deno.makeTempFile();
  await Deno.remove(probe);
  const root = dirname(probe);
  for await (const { name, isDirectory } of Deno.readDir(root)) {
    const pid = /^denizen-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || !isDirectory || (await isAlive(Number(pid)))) continue;
    await Deno.remove(join(root, name), { recursive: true }).catch(() => {});
  }
}

/** Where there is no `/proc` every process counts as alive: nothing of others is removed. */
async function isAlive(pid: number): Promise<boolean> {
  const hasProc = await Deno.stat("/proc/self").then(() => true, () => false);
  return !hasProc || await Deno.stat(`/proc/${pid}`).then(() => true, () => false);
}
