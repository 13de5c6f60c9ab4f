/**
 * Attacks on the processors.
 *
 * @module
 */
import { type AuditWanted, type Behaviour, HANDLE_MS, HEARTBEAT_MS } from "../arena/mod.ts";

/** Silence is noticed at the next ping after the heartbeat's time; the rest is for a busy machine. */
export const SILENT_MS = HEARTBEAT_MS + 1_500;
/** The time for a message, the grace after it, and room. */
export const OVERDUE_MS = HANDLE_MS + 1_500;
/** Two looks at an idle cell, half a second apart, and room. */
export const WASTE_MS = 4_000;

const UNRESPONSIVE: AuditWanted[] = [{ kind: "crash", code: "UNRESPONSIVE" }];
const TIMEOUT: AuditWanted[] = [{ kind: "crash", code: "TIMEOUT" }];

export const CPU: Behaviour[] = [
  {
    name: "an endless loop",
    body: "for (;;);",
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: UNRESPONSIVE,
  },
  {
    name: "an endless loop of microtasks",
    body: "const spin = () => { queueMicrotask(spin); }; spin(); await never;",
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: UNRESPONSIVE,
  },
  {
    name: "a loop after it has waited",
    body: "await ctx.sleep(200); for (;;);",
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS + 200,
    cellEnds: true,
    audit: UNRESPONSIVE,
  },
  {
    name: "a catastrophic regular expression",
    body: 'return /^(a+)+$/.test("a".repeat(60) + "!");',
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: UNRESPONSIVE,
  },
  {
    name: "a huge sort",
    body: "for (;;) Array.from({ length: 1e6 }, Math.random).sort();",
    ends: ["UNRESPONSIVE", "OUT_OF_MEMORY"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: "crash",
  },
  {
    name: "a thread that sleeps by Atomics.wait",
    body: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: UNRESPONSIVE,
  },
  {
    name: "a loop that lets the event loop turn",
    body: `for (;;) {
      for (const end = performance.now() + 100; performance.now() < end;);
      await ctx.heartbeat();
    }`,
    ends: ["TIMEOUT"],
    withinMs: OVERDUE_MS + WASTE_MS,
    cellEnds: true,
    audit: TIMEOUT,
  },
  {
    name: "timers that burn after the answer",
    body:
      `setInterval(() => { for (const end = performance.now() + 45; performance.now() < end;); }, 50);
      return "innocent";`,
    ends: ["answered"],
    withinMs: WASTE_MS,
    cellEnds: true,
    audit: [{ kind: "crash", code: "UNAVAILABLE", message: /worked on/ }],
  },
  {
    name: "a nested worker that loops",
    body: `new Worker("data:text/javascript,for(;;);", { type: "module" }); await never;`,
    ends: ["TIMEOUT", "CRASHED", "PERMISSION_DENIED"],
    withinMs: OVERDUE_MS + WASTE_MS,
    cellEnds: true,
    audit: TIMEOUT,
  },
  {
    name: "a nested worker that loops after the answer",
    body: `new Worker("data:text/javascript,for(;;);", { type: "module" }); return 1;`,
    ends: ["answered"],
    withinMs: WASTE_MS,
    cellEnds: true,
    audit: [{ kind: "crash", code: "UNAVAILABLE", message: /worked on/ }],
  },
  {
    name: "hashes in the thread pool",
    body:
      `const key = await crypto.subtle.importKey("raw", new Uint8Array(32), "PBKDF2", false, ["deriveBits"]);
      const work = { name: "PBKDF2", hash: "SHA-512", salt: new Uint8Array(16), iterations: 2 ** 31 };
      await Promise.all(Array.from({ length: 8 }, () => crypto.subtle.deriveBits(work, key, 512)));`,
    ends: ["TIMEOUT"],
    withinMs: OVERDUE_MS + WASTE_MS,
    cellEnds: true,
    audit: TIMEOUT,
  },
  {
    name: "silence",
    body: "await never;",
    ends: ["TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: TIMEOUT,
  },
  {
    name: "an agent that loops",
    by: "agent",
    body: "for (;;);",
    ends: ["UNRESPONSIVE"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: UNRESPONSIVE,
  },
];
