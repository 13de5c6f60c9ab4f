/**
 * Main thread of a cell: starts the one worker and relays lines between it and the node.
 *
 * Only this thread holds the socket. Each line to the node begins with a letter that this thread
 * writes: `w` before what the worker said, anything else is the cell's own. So a worker can say
 * what it likes and never speak for its cell.
 *
 * | from the node | | to the node | |
 * |---|---|---|---|
 * | `w…` | relayed to the worker | `w…` | said by the worker |
 * | `p` | is the worker alive? | `p<ms>` | it has been silent for so long |
 * | | | `r` | ready |
 * | | | `e<text>` | unhandled error in the worker |
 * | | | `x` | the worker ended itself |
 * | | | `f<text>` | the worker sends more than it may |
 *
 * Arguments: path of the node's socket; the worker's permissions as JSON.
 *
 * @module
 */
import { LineSplitter } from "./lines.ts";
import { LineWriter } from "./line_writer.ts";
import { locks } from "./locks.ts";

/** What a worker may send within one second. Honest ones stay far below: they send in batches. */
const MESSAGES_MAX = 50_000;
const CHARS_MAX = 256 * 1024 * 1024;
/** Nothing honest uses the worker's public channel at all. */
const STRAY_MESSAGES_MAX = 1_000;
/** Said by the worker but not yet taken by the node. */
const WAITING_CHARS_MAX = 64 * 1024 * 1024;

const [socketPath, permissions] = Deno.args as [string, string];

function die(): void {
  Deno.kill(Deno.pid, "SIGKILL");
}

const worker = new Worker(new URL("./worker_main.ts", import.meta.url), {
  type: "module",
  name: "agent",
  deno: { permissions: JSON.parse(permissions) },
});
const { port1: port, port2: workerPort } = new MessageChannel();
const connection = await Deno.connect({ transport: "unix", path: socketPath });
const node = new LineWriter(connection, die);

let windowEndsAt = 0;
let messages = 0;
let strayMessages = 0;
let chars = 0;
let pingedAt: number | null = null;

/** Counts a message of the worker; `true` when it sends too much. */
function isFlood(length: number, isStray: boolean): boolean {
  const now = performance.now();
  if (now >= windowEndsAt) {
    windowEndsAt = now + 1_000;
    messages = strayMessages = chars = 0;
  }
  messages++;
  chars += length;
  if (isStray) strayMessages++;
  return messages > MESSAGES_MAX || chars > CHARS_MAX || strayMessages > STRAY_MESSAGES_MAX ||
    node.waitingChars > WAITING_CHARS_MAX;
}

/** Tells the node and stops listening: what else the worker sends is dropped until the kill. */
function refuse(line: string): void {
  port.onmessage = null;
  worker.onmessage = null;
  node.write(line);
}

port.onmessage = ({ data }: MessageEvent<unknown>) => {
  if (data === "p") pingedAt = null;
  else if (data === "r") {
    // The worker holds this lock as long as its thread lives: to get it is to know that it ended.
    void locks.request("agent", () => refuse("x"));
    node.write("r");
  } else if (typeof data !== "string" || data.includes("\n")) refuse("fa frame that is no line");
  else if (isFlood(data.length, false)) refuse("fmore frames than it may");
  else node.write("w" + data);
};
worker.onmessage = () => {
  if (isFlood(0, true)) refuse("fmore messages than it may");
};
worker.onerror = (event) => {
  event.preventDefault();
  node.write("e" + event.message.slice(0, 4_096).replaceAll("\n", " "));
};
worker.postMessage(null, [workerPort]);

function onLine(line: string): void {
  if (line.startsWith("w")) port.postMessage(line.slice(1));
  else if (line === "p") {
    const now = performance.now();
    node.write("p" + Math.round(pingedAt === null ? 0 : now - pingedAt));
    if (pingedAt === null) {
      pingedAt = now;
      port.postMessage("p");
    }
  }
}

const lines = new LineSplitter(Number.MAX_SAFE_INTEGER);
const buffer = new Uint8Array(65_536);
for (;;) {
  const count = await connection.read(buffer).catch(() => null);
  if (count === null) break;
  for (const line of lines.push(buffer.subarray(0, count))) onLine(line);
}
// The node is gone. Its cells go with it, also where the system cannot see to that.
die();
