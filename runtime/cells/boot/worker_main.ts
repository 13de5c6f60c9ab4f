/**
 * Root module of every worker. It holds the worker's socket to the node, loads the agent's module by
 * a dynamic import, so that each of its imports meets the worker's own permissions, and runs
 * attempts. From the moment the agent is loaded, this realm is the agent's: nothing here is a
 * barrier, and the node trusts nothing that comes out.
 *
 * @module
 */
import {
  findUntamed,
  ITEM,
  JSON_DEPTH_MAX,
  JSON_VALUES_MAX,
  type NodeFrame,
} from "../../../actors/frames.ts";
import { Context, type Outlet, type Work } from "./context.ts";
import { codedError, type Failure, toFailure } from "./failure.ts";
import { findUnfit, type Unfit } from "./find_unfit.ts";
import { LineSplitter } from "./lines.ts";
import { LineWriter } from "./line_writer.ts";
import { locks } from "./locks.ts";

/** What `import { z } from "zod"` and its kin make: https://standardschema.dev. */
interface Schema {
  "~standard": { validate(value: unknown): Validation | Promise<Validation> };
}
interface Validation {
  value?: unknown;
  issues?: readonly { message: string; path?: readonly unknown[] }[];
}
interface Capability {
  input?: Schema;
  output?: Schema;
}
interface Agent {
  name: string;
  capabilities: Record<string, Capability>;
  run(input: unknown, context: Context): unknown;
}

/** Captured before the agent can replace them: a clumsy polyfill must not break the boot code. */
const { stringify, parse } = JSON;
/** An output this long is sent at once, so that no line becomes a multiple of the limit. */
const FLUSH_CHARS = 256 * 1024;
/** Rounds of microtasks to wait for results that end together with this one. */
const FLUSH_HOPS = 4;
const STEPS_IN_FLIGHT_MAX = 64;

let node: LineWriter;
let agent: Agent;
let onlyCapability: string | null = null;
let outputCharsMax = 0;
let waiting = "";
let isFlushing = false;
let tokens = 0;
const running = new Map<number, Context>();
const unacknowledged = new Map<number, { seq: number; resolve: () => void }>();
const stepQueue: (() => void)[] = [];

const outlet: Outlet = {
  send(item) {
    enqueue(item);
    flushSoon();
  },
  async sendStep(seq, stepId, output) {
    if (unacknowledged.size >= STEPS_IN_FLIGHT_MAX) {
      await new Promise<void>((resolve) => stepQueue.push(resolve));
    }
    const token = ++tokens;
    const { promise, resolve } = Promise.withResolvers<void>();
    unacknowledged.set(token, { seq, resolve });
    enqueue(`[${ITEM.STEP},${seq},${token},${stringify(stepId)},${output}]`);
    flush();
    await promise;
  },
  toJson(value, what) {
    if (value === undefined) return "null";
    const text = toJsonText(value, what);
    if (text.length > outputCharsMax) throw unfitError(what, { fault: "long" });
    const fault = findUntamed(text, JSON_VALUES_MAX);
    if (fault !== null) throw unfitError(what, { fault });
    return text;
  },
};

function toJsonText(value: unknown, what: string): string {
  let unfit: Unfit | null;
  let text: string | undefined;
  try {
    const limits = {
      charsMax: outputCharsMax,
      valuesMax: JSON_VALUES_MAX,
      depthMax: JSON_DEPTH_MAX,
    };
    unfit = findUnfit(value, limits);
    if (unfit === null) text = stringify(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : "it throws";
    throw codedError("INVALID_OUTPUT", `Output of ${what} is no JSON: ${reason}`);
  }
  if (text !== undefined) return text;
  // `toJSON` may answer with nothing.
  throw unfitError(what, unfit ?? { fault: "foreign", path: [], what: "undefined" });
}

function unfitError(what: string, unfit: Unfit): Error {
  return codedError("INVALID_OUTPUT", `Output of ${what} ${explain(unfit)}`);
}

function explain(unfit: Unfit): string {
  switch (unfit.fault) {
    case "long":
      return `is more than ${outputCharsMax} characters of JSON`;
    case "large":
      return `holds more than ${JSON_VALUES_MAX} values`;
    case "deep":
      return `nests deeper than ${JSON_DEPTH_MAX}, or is circular`;
    case "foreign":
      return `is no JSON: ${unfit.path.length === 0 ? "it" : toPath(unfit.path)} is ${unfit.what}`;
  }
}

function enqueue(item: string): void {
  waiting += waiting === "" ? `[${item}` : `,${item}`;
}

function flush(): void {
  if (waiting === "") return;
  const text = `${waiting}]`;
  waiting = "";
  node.write(text);
}

/** Results of one turn leave together; the last one in flight leaves at once. */
function flushSoon(): void {
  if (waiting.length >= FLUSH_CHARS || running.size === 0) return flush();
  if (isFlushing) return;
  isFlushing = true;
  hop(FLUSH_HOPS);
}

function hop(hops: number): void {
  if (hops > 0) return queueMicrotask(() => hop(hops - 1));
  isFlushing = false;
  flush();
}

async function load(code: string, charsMax: number): Promise<void> {
  outputCharsMax = charsMax;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    agent = toAgent((await import(url)).default);
    const capabilities = Object.keys(agent.capabilities);
    onlyCapability = capabilities.length === 1 ? capabilities[0]! : null;
    enqueue(`[${ITEM.LOADED},${stringify(agent.name)},${stringify(capabilities)}]`);
  } catch (error) {
    const { code, message } = toFailure(error);
    const known = code === "FAILED" ? "AGENT_INVALID" : code;
    enqueue(`[${ITEM.LOAD_FAILED},${stringify(known)},${stringify(message)}]`);
  } finally {
    URL.revokeObjectURL(url);
  }
  flush();
}

function toAgent(value: unknown): Agent {
  const { name, run, capabilities } = (value ?? {}) as Partial<Agent>;
  if (typeof run !== "function") {
    throw codedError(
      "AGENT_INVALID",
      "The module has no agent: write `export default defineAgent({ name, run(input, ctx) { … } })`",
    );
  }
  return {
    name: typeof name === "string" ? name : "",
    capabilities: typeof capabilities === "object" && capabilities !== null ? capabilities : {},
    run: (input, context) => run.call(value, input, context),
  };
}

function start(work: Work, input: unknown): void {
  const context = new Context(work, outlet);
  running.set(work.seq, context);
  perform(work, input, context).then(
    (output) => finish(context, work, `[${ITEM.COMPLETED},${work.seq},${output}]`),
    (error) => finish(context, work, failedItem(work.seq, toFailure(error))),
  );
}

/** Runs one attempt to the JSON text of its output. */
async function perform(work: Work, input: unknown, context: Context): Promise<string> {
  const schemas = schemasOf(work.capability);
  if (schemas === null) return outlet.toJson(await agent.run(input, context), "the agent");
  if (schemas.input !== undefined) input = await check(schemas.input, input, "INVALID_INPUT");
  let output = await agent.run(input, context);
  if (schemas.output !== undefined) output = await check(schemas.output, output, "INVALID_OUTPUT");
  return outlet.toJson(output, "the agent");
}

/** `null` when the agent declares no schemas for what was asked. */
function schemasOf(capability: string | null): Capability | null {
  if (capability === null) return null;
  if (Object.hasOwn(agent.capabilities, capability)) return agent.capabilities[capability] ?? null;
  throw codedError(
    "INVALID_INPUT",
    `Agent "${agent.name}" has no capability "${capability}", only: ${
      Object.keys(agent.capabilities).join(", ") || "none"
    }`,
  );
}

async function check(schema: Schema, value: unknown, code: string): Promise<unknown> {
  const { value: checked, issues } = await schema["~standard"].validate(value);
  if (issues === undefined || issues.length === 0) return checked;
  const places = issues.slice(0, 10).map(({ path, message }) => `${toPath(path)}: ${message}`);
  const what = code === "INVALID_INPUT" ? "Input" : "Output";
  const error = codedError(code, `${what} does not fit the schema: ${places.join("; ")}`);
  throw Object.assign(error, {
    details: {
      issues: issues.slice(0, 100).map(({ path, message }) => ({ path: toPath(path), message })),
    },
  });
}

/** `files[0].path`; `(root)` for the value itself. */
function toPath(path: readonly unknown[] = []): string {
  const keys = path.map((part) =>
    typeof part === "object" && part !== null ? (part as { key: unknown }).key : part
  );
  const text = keys.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("");
  return text === "" ? "(root)" : text.replace(/^\./, "");
}

function failedItem(seq: number, { code, message, retryable, details }: Failure): string {
  return `[${ITEM.FAILED},${seq},${stringify(code)},${stringify(message)},${retryable},${details}]`;
}

function finish(context: Context, work: Work, item: string): void {
  Context.end(context);
  running.delete(work.seq);
  for (const [token, step] of unacknowledged) {
    if (step.seq === work.seq) unacknowledged.delete(token);
  }
  enqueue(item);
  flushSoon();
}

function onFrame(frame: NodeFrame): void {
  switch (frame[0]) {
    case "run": {
      const [, runs, tasks, rows] = frame;
      for (const [seq, run, task, index, attempt, asked, input, steps] of rows) {
        const capability = asked ?? onlyCapability;
        const [runId, taskId] = [runs[run]!, tasks[task]!];
        start({ seq, runId, task: taskId, index, attempt, capability, steps }, input);
      }
      break;
    }
    case "abort": {
      const context = running.get(frame[1]);
      if (context !== undefined) Context.abort(context, codedError(frame[2], frame[3]));
      break;
    }
    case "ack":
      unacknowledged.get(frame[2])?.resolve();
      unacknowledged.delete(frame[2]);
      stepQueue.shift()?.();
      break;
    case "load":
      void load(frame[1], frame[2]);
  }
}

/** `console` of the agent becomes log lines of the attempt that began last. */
function captureConsole(): void {
  const names = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error" };
  for (const [name, level] of Object.entries(names)) {
    const write = (...values: unknown[]) => {
      const context = [...running.values()].at(-1);
      context?.log[level]?.(values.map(toLogText).join(" "));
    };
    Object.defineProperty(console, name, { value: write, writable: true, configurable: true });
  }
}

function toLogText(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return Deno.inspect(value, { depth: 2, iterableLimit: 20, strAbbreviateSize: 1_000 });
  } catch {
    return "?";
  }
}

/** Frames from the node, until the cell ends. */
async function listen(connection: Deno.UnixConn): Promise<void> {
  const lines = new LineSplitter(Number.MAX_SAFE_INTEGER);
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await connection.read(buffer);
    if (count === null) return;
    for (const line of lines.push(buffer.subarray(0, count))) onFrame(parse(line));
  }
}

/** First of all, and once: the way to the node, and a port for pings of the cell's main thread. */
async function begin({ data: path, ports: [port] }: MessageEvent<string>): Promise<void> {
  const connection = await Deno.connect({ transport: "unix", path });
  node = new LineWriter(connection, () => {});
  port!.onmessage = () => port!.postMessage("p");
  captureConsole();
  // Held for the life of this thread; see `cell_main.ts`.
  const hold = () => {
    port!.postMessage("r");
    return new Promise<void>(() => {});
  };
  locks.request("agent", hold).catch(() => {});
  await listen(connection);
}

self.addEventListener("message", (event) => void begin(event as MessageEvent<string>), {
  once: true,
});
