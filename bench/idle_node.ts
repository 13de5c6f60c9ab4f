/**
 * A node in a process of its own: runs one workflow, then stays open and, for each line on its
 * standard input, prints the process ids of itself and its cells. Ends with its input.
 *
 * Arguments: data directory, workflow file.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { openNode } from "../runtime/node/mod.ts";

const [dataDir, file] = Deno.args;
const node = await openNode({ dataDir: dataDir! });
const run = await node.submit(await node.load(file!), {});
const { status } = await run.finished;
if (status !== "completed") throw new Error(`The run ended as ${status}`);
for await (const _line of createInterface({ input: process.stdin })) {
  const pids = [process.pid, ...node.inspectCells().map((cell) => cell.pid)];
  console.log(JSON.stringify(pids));
}
await node.close();
