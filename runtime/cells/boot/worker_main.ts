/**
 * Root module of every worker. It holds the worker's socket to the node, loads the user's module by a
 * dynamic import, so that each of its imports meets the worker's own permissions, and hands it
 * attempts of tasks and messages. From the moment the module is loaded, this realm is the user's:
 * nothing here is a barrier, and the node trusts nothing that comes out.
 *
 * @module
 */
import { type BidRow, type DeliveryRow, ITEM, type NodeFrame } from "../../../actors/frames.ts";
import { BidContext } from "./bid_context.ts";
import { Context, type Work } from "./context.ts";
import { codedError, toFailure } from "./failure.ts";
import { LineSplitter } from "./lines.ts";
import { LineWriter } from "./line_writer.ts";
import { locks } from "./locks.ts";
import { Messenger } from "./messenger.ts";
import { Outbox } from "./outbox.ts";
import { Recalls } from "./recalls.ts";
import { check, type Contract } from "./schema_check.ts";
import { type Agent, readModule } from "./read_module.ts";
import type { SealBinding } from "./sealing.ts";
import { createSeals, type SealsHost } from "./seals.ts";
import { failedItem, Seats } from "./seats.ts";
import type { Outlet, WorkContext } from "./work_context.ts";

/** Captured before the module can replace them: a clumsy polyfill must not break the boot code. */
const { stringify, parse } = JSON;
const STEPS_IN_FLIGHT_MAX = 64;

let agent: Agent | null = null;
let seats: Seats | null = null;
let onlyCapability: string | null = null;
let tokens = 0;
const running = new Map<number, WorkContext>();
const bidding = new Map<number, BidContext>();
const unacknowledged = new Map<number, { seq: number; resolve: () => void }>();
const stepQueue: (() => void)[] = [];
const outbox = new Outbox(() => running.size === 0 && bidding.size === 0);
const messenger = new Messenger(
  (item) => outbox.send(item),
  (value, what) => value === undefined ? "null" : outbox.toJson(value, what),
);
const recalls = new Recalls((item) => {
  outbox.send(item);
  outbox.flush();
});

const outlet: Outlet = {
  send: (item) => outbox.send(item),
  async sendStep(seq, stepId, output, times) {
    if (unacknowledged.size >= STEPS_IN_FLIGHT_MAX) {
      await new Promise<void>((resolve) => stepQueue.push(resolve));
    }
    const token = ++tokens;
    const { promise, resolve } = Promise.withResolvers<void>();
    unacknowledged.set(token, { seq, resolve });
    outbox.send(`[${ITEM.STEP},${seq},${token},${stringify(stepId)},${output},${times}]`);
    outbox.flush();
    await promise;
  },
  toJson: (value, what) => value === undefined ? "null" : outbox.toJson(value, what),
  messenger,
  recalls,
};

async function load([, code, charsMax, host]: Extract<NodeFrame, [tag: "load", ...unknown[]]>) {
  outbox.charsMax = charsMax;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    const told = (host ?? {}) as SealsHost & { options?: Record<string, unknown> };
    messenger.seals = await createSeals(told, charsMax);
    const { options = {} } = told;
    begin(readModule((await import(url)).default), options);
  } catch (error) {
    const { code, message } = toFailure(error);
    const known = code === "FAILED" ? "AGENT_INVALID" : code;
    outbox.send(`[${ITEM.LOAD_FAILED},${stringify(known)},${stringify(message)}]`);
  } finally {
    URL.revokeObjectURL(url);
  }
  outbox.flush();
}

function begin(content: ReturnType<typeof readModule>, options: Record<string, unknown>): void {
  if (content.kind === "agent") {
    agent = content.agent;
    const capabilities = Object.keys(agent.capabilities);
    onlyCapability = capabilities.length === 1 ? capabilities[0]! : null;
    const words = `${stringify(agent.name)},${stringify(capabilities)}`;
    outbox.send(`[${ITEM.LOADED},${words},0,false,${agent.manifest}]`);
    return;
  }
  const { actor } = content;
  const { seals } = messenger;
  seats = new Seats({ actor, options, outlet, running, seals, send: (item) => outbox.send(item) });
  const types = stringify(Object.keys(actor.on));
  outbox.send(`[${ITEM.LOADED},${stringify(actor.name)},${types},1,${actor.isPersistent},null]`);
}

// --- work of agents ---

function start(work: Work, input: unknown, binding?: SealBinding): void {
  const context = new Context(work, outlet);
  running.set(work.seq, context);
  perform(work, input, context, binding).then(
    (output) => finish(context, work, `[${ITEM.COMPLETED},${work.seq},${output}]`),
    (error) => finish(context, work, failedItem(work.seq, toFailure(error))),
  );
}

/** Runs one attempt to the JSON text of its output. */
async function perform(
  work: Work,
  input: unknown,
  context: Context,
  binding?: SealBinding,
): Promise<string> {
  if (agent === null) throw codedError("AGENT_INVALID", "The module is an actor, not an agent");
  if (binding !== undefined) input = messenger.seals!.open(input, binding);
  const contract = contractOf(agent, work.capability);
  if (contract.input !== undefined) {
    input = await check(contract.input, input, "INVALID_INPUT", "Input");
  }
  let output = await agent.run(input, context);
  if (contract.output !== undefined) {
    output = await check(contract.output, output, "INVALID_OUTPUT", "Output");
  }
  const text = outlet.toJson(output, "the agent");
  return binding === undefined ? text : messenger.seals!.sealAnswer(text, binding);
}

const NO_CONTRACT: Contract = {};

/** An agent need not declare schemas for what is asked of it. */
function contractOf({ name, capabilities }: Agent, capability: string | null): Contract {
  if (capability === null) return NO_CONTRACT;
  if (Object.hasOwn(capabilities, capability)) return capabilities[capability] ?? NO_CONTRACT;
  throw codedError(
    "INVALID_INPUT",
    `Agent "${name}" has no capability "${capability}", only: ${
      Object.keys(capabilities).join(", ") || "none"
    }`,
  );
}

function finish(context: Context, work: Work, item: string): void {
  context.$end();
  running.delete(work.seq);
  for (const [token, step] of unacknowledged) {
    if (step.seq === work.seq) unacknowledged.delete(token);
  }
  outbox.send(item);
}

// --- bids ---

function startBid([seq, runId, task, index, capability, input]: BidRow): void {
  const context = new BidContext(runId, task, index, capability);
  bidding.set(seq, context);
  const end = (item: string) => {
    if (bidding.delete(seq)) outbox.send(item);
  };
  makeBid(input, context).then(
    (bid) => end(`[${ITEM.COMPLETED},${seq},${bid}]`),
    (error) => end(failedItem(seq, toFailure(error))),
  );
}

/** JSON text of a bid. An input that the agent would refuse is none to bid for. */
async function makeBid(input: unknown, context: BidContext): Promise<string> {
  if (agent === null || agent.bid === null) return "null";
  const contract = contractOf(agent, context.capability);
  if (contract.input !== undefined) {
    input = await check(contract.input, input, "INVALID_INPUT", "Input");
  }
  return outlet.toJson(await agent.bid(input, context), "the bid");
}

// --- frames ---

function onFrame(frame: NodeFrame): void {
  switch (frame[0]) {
    case "run": {
      const [, runs, tasks, rows] = frame;
      for (const [seq, run, task, index, attempt, asked, input, steps, term, trace] of rows) {
        const capability = asked ?? onlyCapability;
        const place = { runId: runs[run]!, task: tasks[task]!, index, attempt };
        start({ seq, ...place, capability, steps, term, traceparent: trace }, input);
      }
      break;
    }
    case "deliver":
      if (seats !== null) seats.deliver(frame[1]);
      else for (const row of frame[1]) startMessage(row);
      break;
    case "activate":
      return seats?.activate(frame[1]);
    case "passivate":
      return seats?.passivate(frame[1], frame[2], frame[3]);
    case "unblock":
      return seats?.unblock(frame[1], frame[2]);
    case "drop":
      return seats?.drop(frame[1]);
    case "sent":
      return messenger.onSent(frame[1], frame[2]);
    case "answers":
      return messenger.onAnswers(frame[1]);
    case "bid":
      for (const row of frame[1]) startBid(row);
      break;
    case "recalled":
      return recalls.onAnswer(frame[1]);
    case "abort":
      bidding.get(frame[1])?.$abort(codedError(frame[2], frame[3]));
      // Nobody waits for the bid any more.
      if (bidding.delete(frame[1])) break;
      return running.get(frame[1])?.$abort(codedError(frame[2], frame[3]));
    case "ack":
      unacknowledged.get(frame[2])?.resolve();
      unacknowledged.delete(frame[2]);
      stepQueue.shift()?.();
      break;
    case "load":
      void load(frame);
  }
}

/** A message to an agent asks for one of its capabilities. */
function startMessage([seq, , type, payload, from, id, meta]: DeliveryRow): void {
  const attempt = meta?.attempt ?? 1;
  const work = {
    seq,
    runId: id,
    task: type,
    index: 0,
    attempt,
    capability: type,
    steps: null,
    term: 0,
    traceparent: null,
  };
  const { seals } = messenger;
  if (!seals?.isReceiver) return start(work, payload);
  start(work, payload, { from, to: seals.address, type, id });
}

/** `console` of the module becomes log lines of the work that began last. */
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
    // What is answered at once leaves as one line, however many messages came.
    outbox.cork();
    for (const line of lines.push(buffer.subarray(0, count))) onFrame(parse(line));
    outbox.uncork();
  }
}

/** First of all, and once: the way to the node, and a port for pings of the cell's main thread. */
async function connect({ data: path, ports: [port] }: MessageEvent<string>): Promise<void> {
  const connection = await Deno.connect({ transport: "unix", path });
  outbox.open(new LineWriter(connection, () => {}));
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

self.addEventListener("message", (event) => void connect(event as MessageEvent<string>), {
  once: true,
});
