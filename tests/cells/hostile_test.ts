/**
 * One hostile agent among good ones: the right code within the stated time, the good ones finish,
 * the node's event loop keeps turning, and nothing is left behind.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  agentSource,
  CellHarness,
  codeOf,
  LoopProbe,
  type Settled,
  until,
} from "./cell_harness.ts";

interface Hostile {
  name: string;
  /** Body of `run`. */
  body: string;
  codes: string[];
  message?: RegExp;
  memoryMb?: number;
  timeoutMs?: number;
}

/** Of those that are to be found by it; the others have time to do their worst on a slow machine. */
const HEARTBEAT_MS = 800;
const PATIENT_HEARTBEAT_MS = 12_000;
/** To the outcome, less than the time of an attempt: the start of a cell is part of it. */
const WITHIN_MS = 15_000;

const HOSTILE: Hostile[] = [
  { name: "an endless loop", body: "for (;;);", codes: ["UNRESPONSIVE"] },
  {
    name: "an endless loop after a heartbeat",
    body: "await ctx.heartbeat(); await ctx.sleep(400); for (;;);",
    codes: ["UNRESPONSIVE"],
  },
  {
    name: "a heap bomb",
    body: "const a = []; for (;;) a.push(new Array(1e5).fill(a.length + 0.5));",
    codes: ["OUT_OF_MEMORY"],
  },
  {
    name: "a bomb of buffers",
    body: "const a = []; for (;;) a.push(new Uint8Array(4e6).fill(1));",
    codes: ["OUT_OF_MEMORY"],
  },
  {
    name: "a bomb of untouched buffers",
    body: "const a = []; for (;;) a.push(new ArrayBuffer(500e6));",
    codes: ["OUT_OF_MEMORY"],
  },
  {
    name: "a kill of its own process",
    body: 'Deno.kill(Deno.pid, "SIGKILL"); await new Promise(() => {});',
    codes: ["CRASHED"],
  },
  { name: "Deno.exit", body: "Deno.exit(0);", codes: ["CRASHED"], message: /ended itself/ },
  { name: "self.close", body: "self.close(); await new Promise(() => {});", codes: ["CRASHED"] },
  {
    name: "an unhandled rejection",
    body: 'Promise.reject(new Error("boom")); await new Promise(() => {});',
    codes: ["CRASHED"],
    message: /boom/,
  },
  {
    name: "an error of a megabyte of escape sequences",
    body: 'throw new Error("\\u001b[31mred\\u001b[0m\\u0007".repeat(80_000));',
    codes: ["FAILED"],
    message: /^(red)+r?e?…$/,
  },
  {
    name: "a flood of messages in a loop",
    body: 'for (;;) self.postMessage("x".repeat(1000));',
    codes: ["MESSAGE_FLOOD", "UNRESPONSIVE", "OUT_OF_MEMORY"],
  },
  {
    name: "a flood of messages between heartbeats",
    body: "for (;;) { for (let i = 0; i < 500; i++) self.postMessage(i); await ctx.heartbeat(); }",
    codes: ["MESSAGE_FLOOD"],
  },
  {
    name: "a flood of progress and log lines",
    body: `for (;;) {
      for (let i = 0; i < 500; i++) { ctx.progress(0.5, "x"); ctx.log.info("x".repeat(4000)); }
      await ctx.heartbeat();
    }`,
    timeoutMs: 1_500,
    codes: ["TIMEOUT"],
  },
  {
    name: "a flood on stderr",
    body: "const b = new Uint8Array(65536); for (;;) Deno.stderr.writeSync(b);",
    codes: ["MESSAGE_FLOOD"],
  },
  {
    name: "a result of 100 MB",
    body: 'return "x".repeat(100e6);',
    memoryMb: 512,
    codes: ["INVALID_OUTPUT"],
    message: /more than 8388608/,
  },
  {
    name: "a result that nests 100,000 deep",
    body: "let a = 1; for (let i = 0; i < 1e5; i++) a = [a]; return a;",
    codes: ["INVALID_OUTPUT"],
  },
  {
    name: "a result of a million small objects",
    body: "return Array(1e6).fill({});",
    codes: ["INVALID_OUTPUT"],
    message: /300000 values/,
  },
  {
    name: "a forged frame of millions of small objects",
    body: `const encode = TextEncoder.prototype.encode;
      const frame = "[[0,1,[" + "{},".repeat(2_700_000) + "{}]]]";
      TextEncoder.prototype.encode = function () { return encode.call(this, frame + "\\n"); };
      return 1;`,
    codes: ["CRASHED"],
    message: /frame protocol/,
  },
  { name: "silence", body: "await new Promise(() => {});", timeoutMs: 700, codes: ["TIMEOUT"] },
  {
    name: "silence that ignores its signal",
    body: "for (;;) await new Promise((r) => setTimeout(r, 5));",
    timeoutMs: 700,
    codes: ["TIMEOUT"],
  },
  {
    name: "frames of its own making",
    body: `const encode = TextEncoder.prototype.encode;
      TextEncoder.prototype.encode = function () { return encode.call(this, "w[[0,1,1]]\\n"); };
      return 1;`,
    codes: ["CRASHED"],
    message: /frame protocol/,
  },
  {
    name: "results for attempts of others",
    body: `const encode = TextEncoder.prototype.encode;
      TextEncoder.prototype.encode = function () {
        return encode.call(this, "[[0,999,1],[0,-1,1],[0,1.5,1]]\\n");
      };
      return 1;`,
    timeoutMs: 700,
    codes: ["TIMEOUT"],
  },
  {
    name: "a nested worker that loops",
    body: `new Worker("data:text/javascript,for(;;);", { type: "module" });
      await new Promise(() => {});`,
    timeoutMs: 700,
    codes: ["TIMEOUT", "OUT_OF_MEMORY", "CRASHED"],
  },
  {
    name: "a broken realm",
    body: `JSON.stringify = () => "x"; Map.prototype.get = () => { throw 1; };
      Array.prototype.push = () => { throw 2; }; Promise.prototype.then = () => { throw 3; };
      throw new Error("still told");`,
    timeoutMs: 700,
    codes: ["FAILED", "TIMEOUT", "CRASHED"],
  },
];

for (const hostile of HOSTILE) {
  Deno.test(`cells contain ${hostile.name}`, async () => {
    using probe = new LoopProbe();
    const harness = new CellHarness();
    await using fleet = harness;
    const [bad, good] = await runBoth(fleet, hostile);
    assert.ok(hostile.codes.includes(codeOf(bad)), `${codeOf(bad)}: ${messageOf(bad)}`);
    if (hostile.message !== undefined) assert.match(messageOf(bad), hostile.message);
    assert.ok(messageOf(bad).length <= 4_096, "message is bounded");
    // deno-lint-ignore no-control-regex -- what must not be there
    assert.ok(!/[\x00-\x08\x1b]/.test(messageOf(bad)), "message holds no control characters");
    assert.ok(bad.tookMs < WITHIN_MS, `took ${Math.round(bad.tookMs)} ms`);
    assert.deepEqual(good.map(codeOf), Array(5).fill("completed"));
    // 200 ms is the promise; a slow machine needs room.
    assert.ok(probe.worstMs < 400, `event loop stood still for ${Math.round(probe.worstMs)} ms`);
    await fleet.cells.close();
    assert.deepEqual(harness.left(), [], "no process is left");
  });
}

async function runBoth(fleet: CellHarness, hostile: Hostile): Promise<[Settled, Settled[]]> {
  const { body, codes, memoryMb, timeoutMs = 20_000 } = hostile;
  const bad = fleet.register(agentSource(body), { memoryMb: memoryMb ?? 96 });
  const good = fleet.register(agentSource("await ctx.sleep(20); return input;"), { memoryMb: 64 });
  const isSilent = codes[0] === "UNRESPONSIVE";
  const limits = { heartbeatMs: isSilent ? HEARTBEAT_MS : PATIENT_HEARTBEAT_MS };
  const goodLimits = { heartbeatMs: 10_000, timeoutMs: 20_000 };
  const [[settled], others] = await Promise.all([
    fleet.run(bad, [fleet.newAttempt({}, { ...limits, timeoutMs })]),
    fleet.run(good, [1, 2, 3, 4, 5].map((input) => fleet.newAttempt(input, goodLimits))),
  ]);
  fleet.notePids();
  return [settled!, others];
}

function messageOf({ outcome }: Settled): string {
  return outcome.status === "completed" ? "" : outcome.error.message;
}

const LOITERERS = {
  "works on": "setTimeout(() => { for (;;); }, 20); return 1;",
  // As little as a loop gets where ten others want the processor.
  "works on a little at a time": `setInterval(() => {
      for (const end = performance.now() + 60; performance.now() < end;);
    }, 200);
    return 1;`,
};

for (const [what, body] of Object.entries(LOITERERS)) {
  Deno.test(`cells end a process that ${what} after its attempt`, async () => {
    const harness = new CellHarness();
    await using fleet = harness;
    assert.equal(codeOf(await fleet.runBody(body)), "completed");
    const [pid] = fleet.notePids();
    await until(() => !harness.left().includes(pid!), 60_000);
  });
}

Deno.test("cells find the guilty one among attempts that died together", async () => {
  await using fleet = new CellHarness();
  const body = `if (input === "bad") { await ctx.sleep(100); Deno.exit(1); }
    await ctx.sleep(300); return input;`;
  const key = fleet.register(agentSource(body), { concurrency: 4 });
  const inputs = ["good", "bad", "good", "good"];
  const first = await fleet.run(
    key,
    inputs.map((input, index) => fleet.newAttempt(input, { index })),
  );
  assert.ok(first.every(({ outcome }) => outcome.status === "failed" && outcome.lost === true));
  const second = await fleet.run(
    key,
    inputs.map((input, index) => fleet.newAttempt(input, { index, attempt: 2 })),
  );
  assert.deepEqual(second.map(codeOf), ["completed", "CRASHED", "completed", "completed"]);
  assert.equal(second[1]!.outcome.status === "failed" && second[1]!.outcome.lost, undefined);
});

Deno.test("cells end a cell whose main thread was stopped", async () => {
  await using fleet = new CellHarness();
  const key = fleet.register(agentSource("await new Promise(() => {});"));
  const running = fleet.run(key, [fleet.newAttempt({}, { heartbeatMs: 800 })]);
  await until(() => fleet.cells.inspect().some((cell) => cell.inFlight === 1));
  Deno.kill(fleet.cells.inspect()[0]!.pid, "SIGSTOP");
  const [settled] = await running;
  assert.equal(codeOf(settled!), "UNRESPONSIVE");
});
