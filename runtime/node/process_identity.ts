import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import type { Holder } from "../../core/ports.ts";

/** Stands in a restored store for whoever led there, or had reserved a key: no process is it. */
export const FORMER_HOLDER: Holder = { nodeId: "restored", host: "", pid: 0, processStart: "" };

/** Nodes of this process that have not been closed. */
const liveNodes = new Set<string>();

/** Names this process, so that another one on the same machine can tell whether it still lives. */
export function identifyProcess(nodeId: string): Holder {
  liveNodes.add(nodeId);
  return {
    nodeId,
    host: hostIdentity(),
    pid: process.pid,
    processStart: processStart(process.pid) ?? "",
  };
}

/** Says that a node of this process works no more. */
export function retire(nodeId: string): void {
  liveNodes.delete(nodeId);
}

/** Whether the holder is gone for certain. A process elsewhere is taken to be alive. */
export function isGone(holder: Holder): boolean {
  if (holder.host === FORMER_HOLDER.host) return true;
  if (holder.host !== hostIdentity()) return false;
  const isOwn = holder.pid === process.pid && holder.processStart === processStart(process.pid);
  if (isOwn) return !liveNodes.has(holder.nodeId);
  const start = processStart(holder.pid);
  if (start !== null) return start !== holder.processStart;
  return !isRunning(holder.pid);
}

/** Host, boot and process namespace: a `pid` means the same process only where these agree. */
function hostIdentity(): string {
  const boot = readText("/proc/sys/kernel/random/boot_id") ?? "";
  return [hostname(), boot.trim(), readLink("/proc/self/ns/pid") ?? ""].join("/");
}

/** Start time in clock ticks since boot: field 22 of proc_pid_stat(5); `null` without /proc. */
function processStart(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie holds nothing any more.
  return fields[0] === "Z" ? "" : fields[19] ?? null;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function readLink(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
