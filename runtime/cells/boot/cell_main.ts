/**
 * Main thread of a cell: starts the one worker and answers for its health. Only this thread holds
 * the control socket; the worker has a socket of its own to the node, so that what it says wakes
 * one thread less. So a worker can say what it likes and never speak for its cell.
 *
 * | from the node | | to the node | |
 * |---|---|---|---|
 * | `p` | is the worker alive? | `p<ms>` | it has been silent for so long |
 * | | | `r` | ready |
 * | | | `e<text>` | unhandled error in the worker |
 * | | | `x` | the worker ended itself |
 * | | | `f<text>` | the worker sends more than it may |
 *
 * Arguments: paths of the control socket and of the worker's; the worker's permissions as JSON.
 *
 * @module
 */
import { LineSplitter } from "./lines.ts";
import { LineWriter } from "./line_writer.ts";
import { locks } from "./locks.ts";

/** Nothing honest uses the worker's channels to this thread but for pings. */
const MESSAGES_PER_SECOND_MAX = 1_000;

const [controlPath, workerPath, permissions] = Deno.args as [string, string, string];

function die(): void {
  Deno.kill(Deno.pid, "SIGKILL");
}

const worker = new Worker(new URL("./worker_main.ts", import.meta.url), {
  type: "module",
  name: "agent",
  deno: { permissions: JSON.parse(permissions) },
});
const { port1: port, port2: workerPort } = new MessageChannel();
const connection = await Deno.connect({ transport: "unix", path: controlPath });
const node = new LineWriter(connection, die);

let windowEndsAt = 0;
let messages = 0;
let pingedAt: number | null = null;

/** Counts a message of the worker, and stops listening when they are too many. */
function count(): void {
  const now = performance.now();
  if (now >= windowEndsAt) {
    windowEndsAt = now + 1_000;
    messages = 0;
  }
  if (++messages <= MESSAGES_PER_SECOND_MAX) return;
  // What else it sends is dropped until the kill.
  port.onmessage = null;
  worker.onmessage = null;
  node.write("fmore messages than it may");
}

port.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (data === "p") pingedAt = null;
  else if (data === "r") {
    // The worker holds this lock as long as its thread lives: to get it is to know that it ended.
    void locks.request("agent", () => node.write("x"));
    node.write("r");
  }
  count();
};
worker.onmessage = count;
worker.onerror = (event) => {
  event.preventDefault();
  node.write("e" + event.message.slice(0, 4_096).replaceAll("\n", " "));
};
worker.postMessage(workerPath, [workerPort]);

function onLine(line: string): void {
  if (line !== "p") return;
  const now = performance.now();
  node.write("p" + Math.round(pingedAt === null ? 0 : now - pingedAt));
  if (pingedAt === null) {
    pingedAt = now;
    port.postMessage("p");
  }
}

const lines = new LineSplitter(65_536);
const buffer = new Uint8Array(4_096);
for (;;) {
  const count = await connection.read(buffer).catch(() => null);
  if (count === null) break;
  for (const line of lines.push(buffer.subarray(0, count))) onLine(line);
}
// The node is gone. Its cells go with it, also where the system cannot see to that.
die();
