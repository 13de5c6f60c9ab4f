/**
 * Attacks on memory.
 *
 * @module
 */
import { type AuditWanted, type Behaviour, outcomeOf } from "../arena/mod.ts";
import { isRunning } from "../../cells/cell_harness.ts";
import { OVERDUE_MS, SILENT_MS } from "./cpu.ts";

const FULL: AuditWanted[] = [{ kind: "crash", code: "OUT_OF_MEMORY" }];
/** A cell is looked at every 50 ms while it works; to fill its memory takes the longer part. */
const FULL_MS = SILENT_MS + OVERDUE_MS;

export const MEMORY: Behaviour[] = [
  {
    name: "a heap bomb",
    body: "const a = []; for (;;) a.push(new Array(1e5).fill(a.length + 0.5));",
    ends: ["OUT_OF_MEMORY"],
    withinMs: FULL_MS,
    cellEnds: true,
    audit: FULL,
  },
  {
    name: "a bomb of buffers",
    body: "const a = []; for (;;) { a.push(new Uint8Array(4e6).fill(1)); await ctx.heartbeat(); }",
    ends: ["OUT_OF_MEMORY"],
    withinMs: FULL_MS,
    cellEnds: true,
    audit: FULL,
  },
  {
    name: "a bomb of buffers that it never touches",
    body: "const a = []; for (;;) a.push(new ArrayBuffer(500e6));",
    ends: ["OUT_OF_MEMORY"],
    withinMs: FULL_MS,
    audit: FULL,
  },
  {
    name: "memory of WebAssembly",
    body: `const a = [];
      for (;;) {
        const memory = new WebAssembly.Memory({ initial: 1_000 });
        new Uint8Array(memory.buffer).fill(1);
        a.push(memory);
        await ctx.heartbeat();
      }`,
    ends: ["OUT_OF_MEMORY"],
    withinMs: FULL_MS,
    audit: FULL,
  },
  {
    name: "a text that doubles",
    body: 'let text = "x"; const all = []; for (;;) { text += text; all.push([...text]); }',
    ends: ["OUT_OF_MEMORY"],
    withinMs: FULL_MS,
    cellEnds: true,
    audit: FULL,
  },
  {
    name: "a text beyond the longest",
    body: 'let text = "x"; for (;;) text += text;',
    ends: ["ACTOR_CRASHED"],
    withinMs: FULL_MS,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED", message: /Invalid string length/ }],
  },
  {
    name: "endless recursion",
    body: "const down = () => down() + 1; return down();",
    ends: ["ACTOR_CRASHED"],
    withinMs: 1_500,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED", message: /call stack/i }],
  },
  {
    name: "a slow leak over messages",
    body: "(globalThis.leak ??= []).push(new Uint8Array(8e6).fill(1)); return 1;",
    drive: async ({ arena, address, type, pid }) => {
      let outcome = { code: null, message: "", answer: null } as Awaited<
        ReturnType<typeof outcomeOf>
      >;
      for (let n = 0; n < 100 && outcome.code === null && isRunning(pid); n++) {
        outcome = await outcomeOf(arena.ask(address, type));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return outcome;
    },
    ends: ["OUT_OF_MEMORY", "answered"],
    withinMs: 8_000,
    cellEnds: true,
    audit: [],
    silence: "passivated under pressure; its cell goes with it",
  },
  {
    name: "a state beyond its limit",
    by: "hoarder",
    body: 'ctx.state.big = "x".repeat(9e6); return 1;',
    ends: ["INVALID_OUTPUT"],
    withinMs: 1_500,
    audit: [],
    silence: "refused before it leaves the worker",
    verify: async ({ arena, address }) => {
      // The state is that of the last message that was answered.
      if (await arena.ask(address, "echo", 1) !== 1) throw new Error("it does not live on");
    },
  },
  {
    name: "an agent with a heap bomb",
    by: "agent",
    body: "const a = []; for (;;) a.push(new Array(1e5).fill(a.length + 0.5));",
    ends: ["OUT_OF_MEMORY"],
    withinMs: FULL_MS,
    cellEnds: true,
    audit: FULL,
  },
];
