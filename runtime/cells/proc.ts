/**
 * What Linux tells of a process. Elsewhere every answer is `null`, and limits rest on the heap cap.
 *
 * @module
 */

let pageBytes = 0;

/** Memory in use, in bytes. */
export function residentBytes(pid: number): number | null {
  const pages = statm(pid);
  return pages === null ? null : pages * (pageBytes ||= findPageBytes());
}

/** CPU time so far, in clock ticks of 10 ms. */
export function cpuTicks(pid: number): number | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The program's name is in parentheses and may hold anything; user time is the 12th field after.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function statm(pid: number): number | null {
  const text = read(`/proc/${pid}/statm`);
  return text === null ? null : Number(text.split(" ")[1]);
}

function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

/** 4 KiB nearly everywhere, 16 or 64 KiB on some ARM machines: the power of two that fits best. */
function findPageBytes(): number {
  const pages = statm(Deno.pid) ?? 1;
  return 2 ** Math.round(Math.log2(Deno.memoryUsage().rss / pages));
}
