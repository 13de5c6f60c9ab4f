import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, note, ROOT, workflowFile } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";

/** Memory counts as settled when it changes by less than this share between two looks. */
const STEADY = 0.005;
const LOOK_MS = 500;
const LOOKS_MAX = 20;
const MB = 1024;

/** Memory of a set of processes, in MB. */
interface Memory {
  /** Own pages, and of each shared page the share (proc_pid_smaps(5)). */
  pss: number;
  /** As if no other process shared their pages, near enough: own pages of all, shared ones once. */
  alone: number;
}

/** A node and its cells after a workflow, with nothing to do. Linux only: it reads `/proc`. */
export async function measureIdle(lab: Lab): Promise<Measurement[]> {
  if (Deno.build.os !== "linux") return [];
  const bare: number[] = [];
  const pss: number[] = [];
  const alone: number[] = [];
  for (let i = 0; i < (lab.isQuick ? 1 : 5); i++) {
    const { memory, processes } = await idleNode(lab);
    const [one] = note(lab, "raw.idle", [await idleProcess(lab)]);
    bare.push(one! * processes);
    pss.push(memory.pss);
    alone.push(memory.alone);
  }
  const row = { unit: "MB", limitName: "as many idle deno processes" };
  const goal = { of: "value", atMost: 120 } as const;
  return [
    measurementOf({ ...row, name: "idle.pss", goal }, pss, bare),
    measurementOf({ ...row, name: "idle.alone" }, alone, bare),
  ];
}

async function idleNode(lab: Lab): Promise<{ memory: Memory; processes: number }> {
  const dataDir = await Deno.makeTempDir({ dir: lab.dir });
  const child = spawn(["-A", "bench/idle_node.ts", dataDir, workflowFile("three_steps")]);
  const writer = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const look = async () => {
    await writer.write(new TextEncoder().encode("\n"));
    const { value } = await lines.read();
    if (value === undefined) throw new Error("The idle node ended");
    const pids: number[] = JSON.parse(value);
    return { memory: memoryOf(pids), processes: pids.length };
  };
  try {
    return await steady(look);
  } finally {
    await writer.close();
    await lines.cancel();
    await child.status;
  }
}

/** The last of the looks once two in a row agree. */
async function steady<T extends { memory: Memory; processes: number }>(
  look: () => Promise<T>,
): Promise<T> {
  let before = await look();
  for (let i = 0; i < LOOKS_MAX; i++) {
    await sleep(LOOK_MS);
    const now = await look();
    const change = Math.abs(now.memory.pss / before.memory.pss - 1);
    if (change < STEADY && now.processes === before.processes) return now;
    before = now;
  }
  return before;
}

/** One process that only waits. */
async function idleProcess(lab: Lab): Promise<number> {
  const file = `${lab.dir}/waits.ts`;
  await Deno.writeTextFile(file, "for await (const _ of Deno.stdin.readable);\n");
  const child = spawn([file]);
  try {
    const { memory } = await steady(() =>
      Promise.resolve({ memory: memoryOf([child.pid]), processes: 1 })
    );
    return memory.pss;
  } finally {
    await child.stdin.close();
    await child.stdout.cancel();
    await child.status;
  }
}

function spawn(args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", ...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}

function memoryOf(pids: readonly number[]): Memory {
  let [pss, own, shared] = [0, 0, 0];
  for (const pid of pids) {
    const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
    const kb = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)![1]);
    pss += kb("Pss");
    own += kb("Private_Clean") + kb("Private_Dirty");
    shared = Math.max(shared, kb("Shared_Clean") + kb("Shared_Dirty"));
  }
  return { pss: pss / MB, alone: (own + shared) / MB };
}
