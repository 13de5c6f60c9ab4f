/**
 * Attacks on processes: its own, and those that it may start.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../../cells/cell_harness.ts";
import { type AuditWanted, type Behaviour, outcomeOf } from "../arena/mod.ts";
import { OVERDUE_MS, SILENT_MS } from "./cpu.ts";

const SOON_MS = 1_500;
const CRASHED: AuditWanted[] = [{ kind: "crash", code: "CRASHED" }];

function dies(name: string, body: string, more: Partial<Behaviour> = {}): Behaviour {
  return {
    name,
    body,
    ends: ["CRASHED"],
    withinMs: SOON_MS,
    cellEnds: true,
    audit: CRASHED,
    ...more,
  };
}

/** Asks an instance that misbehaves when it starts. */
function starts(key: string, ends: string[], more: Partial<Behaviour> = {}): Behaviour {
  const address = `actor://villain/start-${key}`;
  return {
    name: `a start that ${key}`,
    body: "",
    drive: ({ arena }) => outcomeOf(arena.ask(address, "hello")),
    ends,
    withinMs: SOON_MS,
    audit: ends.map((code) => ({ kind: "crash", code, from: address })),
    ...more,
  };
}

/** Stops an instance that misbehaves in `onStop`; it is gone when its process is. */
function stops(key: string, code: string, withinMs: number): Behaviour {
  const address = `actor://villain/stop-${key}`;
  return {
    name: `a stop that ${key}`,
    body: "await ctx.stop(); return Deno.pid;",
    drive: async ({ arena, type }) => {
      const outcome = await outcomeOf(arena.ask(address, type));
      while (isRunning(outcome.answer as number)) await sleep(10);
      return outcome;
    },
    ends: ["answered"],
    withinMs,
    audit: [{ kind: "crash", code, from: address }],
  };
}

/** What it started is gone when its process is. */
const leavesNothing: Behaviour["verify"] = async ({ pid }, { answer }) => {
  const orphans = answer as number[];
  assert.ok(orphans.length > 0);
  const endsAt = performance.now() + 3_000;
  while (orphans.some(isRunning) && performance.now() < endsAt) await sleep(20);
  assert.ok(!isRunning(pid));
  assert.deepEqual(orphans.filter(isRunning), [], "what it started lives on");
};

/** Starts programs, tells their process ids, then ends. */
function orphans(name: string, options: string, ending: string): Behaviour {
  return {
    name,
    by: "runner",
    body: `const pids = [];
      for (let n = 0; n < 3; n++) {
        const child = new Deno.Command("/bin/sleep", { args: ["1000"], ${options} stdin: "null", stdout: "null", stderr: "null" }).spawn();
        child.unref();
        pids.push(child.pid);
      }
      setTimeout(() => { ${ending} }, 200);
      return pids;`,
    ends: ["answered"],
    withinMs: SOON_MS,
    cellEnds: true,
    audit: [],
    silence: "it may start it",
    verify: leavesNothing,
  };
}

export const PROCESS: Behaviour[] = [
  dies("a kill of its own process", 'Deno.kill(Deno.pid, "SIGKILL"); await never;'),
  dies("Deno.exit", "Deno.exit(0);"),
  dies("self.close", "self.close(); await never;"),
  dies("an unhandled rejection", 'Promise.reject(new Error("boom")); await never;'),
  dies("an error in a timer", 'setTimeout(() => { throw new Error("tick"); }, 10); await never;'),
  {
    name: "a stop of its own process",
    body: 'Deno.kill(Deno.pid, "SIGSTOP"); await never;',
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: [{ kind: "crash", code: "UNRESPONSIVE" }],
  },
  {
    name: "a deaf ear for signals",
    body: `for (const name of ["SIGTERM", "SIGINT", "SIGHUP"]) {
        try { Deno.addSignalListener(name, () => {}); } catch {}
      }
      for (;;);`,
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: [{ kind: "crash", code: "UNRESPONSIVE" }],
  },
  {
    name: "a lock of the boot code that it steals",
    body: `await navigator.locks.request("agent", { steal: true }, () => never);`,
    ends: ["CRASHED", "TIMEOUT", "ACTOR_CRASHED"],
    withinMs: OVERDUE_MS,
    audit: "crash",
  },
  orphans("programs that outlive a loop", "", "for (;;);"),
  orphans("programs that outlive a kill", "", 'Deno.kill(Deno.pid, "SIGKILL");'),
  orphans(
    "programs in a session of their own",
    "detached: true,",
    'Deno.kill(Deno.pid, "SIGKILL");',
  ),
  {
    name: "signals to the node",
    body: `const codes = [];
      for (const pid of [Deno.ppid, 1, -Deno.ppid, -1, 0]) {
        try { Deno.kill(pid, "SIGKILL"); codes.push("sent to " + pid); } catch (error) { codes.push(error.name); }
      }
      return codes;`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [{ kind: "denial", code: "PERMISSION_DENIED" }],
    verify: (_attack, { answer }) => assert.deepEqual(answer, Array(5).fill("NotCapable")),
  },
  starts("throws", ["ACTOR_CRASHED"]),
  starts("hangs", ["TIMEOUT"], { withinMs: OVERDUE_MS }),
  starts("loops", ["UNRESPONSIVE"], { withinMs: SILENT_MS + 1_000 }),
  starts("exits", ["CRASHED"]),
  stops("hangs", "TIMEOUT", OVERDUE_MS),
  stops("loops", "UNRESPONSIVE", SILENT_MS),
  stops("throws", "ACTOR_CRASHED", SOON_MS),
  {
    name: "a crash in every life",
    body: 'throw new Error("again");',
    drive: async ({ arena, address, type }) => {
      let outcome = await outcomeOf(arena.ask(address, type));
      for (let n = 0; n < 4; n++) outcome = await outcomeOf(arena.ask(address, type));
      return outcome;
    },
    ends: ["ACTOR_CRASHED"],
    // Restart delays double from 100 ms.
    withinMs: 4_000,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED" }],
  },
  dies("an agent that exits", "Deno.exit(0);", { by: "agent" }),
  dies("an agent with an unhandled rejection", 'Promise.reject(new Error("boom")); await never;', {
    by: "agent",
  }),
];
