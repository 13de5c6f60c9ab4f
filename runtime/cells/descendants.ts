/**
 * Programs that a cell started, wherever they put themselves: a session of their own takes them out
 * of the cell's process group, and the end of the cell out of its family. Linux; elsewhere none is
 * found, and the process group is all that is ended.
 *
 * @module
 */

/** After a program was allowed, it is looked for so much later: it has started by then. */
const LOOKS_MS = [20, 150];

export class Descendants {
  readonly #root: number;
  /** Stands in the environment of all that inherited the cell's. */
  readonly #mark: string;
  /** By process id, the start time, which tells whether it still is the same process. */
  readonly #known = new Map<number, string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  /** @param mark end of a variable in the environment of the cell, and of no other process */
  constructor(root: number, mark: string) {
    this.#root = root;
    this.#mark = mark;
  }

  /** A program may start now. */
  expect(): void {
    for (const ms of LOOKS_MS) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.note();
      }, ms);
      this.#timers.add(timer);
    }
  }

  /** Remembers all that descend from the cell now. */
  note(): void {
    const processes = readProcesses();
    for (const known of [this.#root, ...this.#known.keys()]) this.#follow(known, processes);
  }

  /** SIGKILL to all that are known, and to those that inherited the cell's environment. */
  kill(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const { pid, startedAt } of readProcesses()) {
      if (this.#known.get(pid) === startedAt || (pid !== this.#root && this.#isMarked(pid))) {
        signal(pid);
      }
    }
  }

  #follow(parent: number, processes: readonly ProcessInfo[]): void {
    for (const { pid, parentPid, startedAt } of processes) {
      if (parentPid !== parent || this.#known.get(pid) === startedAt) continue;
      this.#known.set(pid, startedAt);
      this.#follow(pid, processes);
    }
  }

  #isMarked(pid: number): boolean {
    return read(`/proc/${pid}/environ`)?.includes(this.#mark) === true;
  }
}

interface ProcessInfo {
  pid: number;
  parentPid: number;
  startedAt: string;
}

function readProcesses(): ProcessInfo[] {
  const processes: ProcessInfo[] = [];
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      const text = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : null;
      if (text === null) continue;
      // The program's name is in parentheses and may hold anything; the state is the first after.
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      processes.push({
        pid: Number(name),
        parentPid: Number(fields[1]),
        startedAt: fields[19] ?? "",
      });
    }
  } catch {
    // No /proc here.
  }
  return processes;
}

function read(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

function signal(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
