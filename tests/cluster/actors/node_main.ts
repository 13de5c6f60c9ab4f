/**
 * A node as a process of its own: `node_main.ts FOLDER NODE_ID FILE`. Commands come as JSON lines
 * `[id, method, ...arguments]`; each is answered by a line `[id, value]` or `[id, null, code]`.
 */
import { createInterface } from "node:readline";
import process from "node:process";
import type { Json } from "../../../core/json.ts";
import { startSystemNode } from "./system_node.ts";

const [folder, nodeId, file] = Deno.args as [string, string, string];
const node = await startSystemNode(folder, nodeId);
await node.start(file);
const door = node.systems.find("lists")!;

const methods: Record<string, (...args: Json[]) => Promise<Json | void>> = {
  ask: (to, type, payload, timeoutMs) =>
    door.ask(String(to), String(type), payload, { timeoutMs: Number(timeoutMs ?? 60_000) }),
  tell: (to, type, payload) => door.tell(String(to), String(type), payload, { durable: true }),
  led: () => Promise.resolve(node.systems.led),
};

function say(line: Json): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

say(["up"]);
for await (const line of createInterface(process.stdin)) {
  const [id, method, ...args] = JSON.parse(line) as [number, string, ...Json[]];
  methods[method]!(...args).then(
    (value) => say([id, value ?? null]),
    (error) => say([id, null, error.code ?? String(error)]),
  );
}
await node.close();
