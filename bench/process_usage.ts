import { readFileSync } from "node:fs";

/** Of `/proc/PID/stat`: what Linux reports to programs, whatever it counts in (proc_pid_stat(5)). */
const TICKS_PER_S = 100;
const KIB_PER_MB = 1024;

/** Seconds of processor time that a process has had, without its children. Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program is in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

/** Its proportional share of memory, and what of it nobody else has, in MB. Linux only. */
export function memoryOf(pid: number): { pss: number; own: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const kib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)![1]);
  return {
    pss: kib("Pss") / KIB_PER_MB,
    own: (kib("Private_Clean") + kib("Private_Dirty")) / KIB_PER_MB,
  };
}
