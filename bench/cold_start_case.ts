import { type Lab, note, ROOT, workflowFile } from "./lab.ts";
import { type Measurement, measurementOf } from "./measurement.ts";

/** A new process with an empty data directory: to its first finished workflow, and to its exit. */
export async function measureColdStart(lab: Lab): Promise<Measurement[]> {
  const empty = `${lab.dir}/empty.ts`;
  await Deno.writeTextFile(empty, "");
  await startCold(lab);
  const spawns: number[] = [];
  const finished: number[] = [];
  const exited: number[] = [];
  for (let i = 0; i < (lab.isQuick ? 1 : 15); i++) {
    spawns.push(...note(lab, "raw.spawn", [await spawnEmpty(empty)]));
    const times = await startCold(lab);
    finished.push(times.finishedMs);
    exited.push(times.exitedMs);
  }
  const row = { unit: "ms", limitName: "deno run of an empty file" };
  const goal = { of: "value", atMost: 500 } as const;
  return [
    measurementOf({ ...row, name: "cold.start", goal }, finished, spawns),
    measurementOf({ ...row, name: "cold.exit" }, exited, spawns),
  ];
}

async function spawnEmpty(file: string): Promise<number> {
  const startMs = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), { args: ["run", file] }).output();
  if (!success) throw new Error("An empty file did not run");
  return performance.now() - startMs;
}

async function startCold(lab: Lab): Promise<{ finishedMs: number; exitedMs: number }> {
  const dataDir = await Deno.makeTempDir({ dir: lab.dir });
  const startMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts", "run", workflowFile("three_steps"), "--data", dataDir],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let told = "";
  let finishedMs = NaN;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    told += text;
    if (Number.isNaN(finishedMs) && / run completed$/m.test(told)) {
      finishedMs = performance.now() - startMs;
    }
  }
  const { success } = await child.status;
  if (!success || Number.isNaN(finishedMs)) throw new Error(`A cold start failed:\n${told}`);
  return { finishedMs, exitedMs: performance.now() - startMs };
}
