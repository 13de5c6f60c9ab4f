/**
 * Attacks by many messages.
 *
 * @module
 */
import { type AuditWanted, type Behaviour, NEIGHBOUR } from "../arena/mod.ts";
import { OVERDUE_MS, SILENT_MS } from "./cpu.ts";

const FLOOD: AuditWanted[] = [{ kind: "crash", code: "MESSAGE_FLOOD" }];
const OVERLOADED: AuditWanted = { kind: "refusal", code: "OVERLOADED" };

/** `count` times `statement`, 2,000 between two turns of the event loop. */
function flood(statement: string, count = "Infinity"): string {
  return `for (let n = 0; n < ${count}; n++) {
    ${statement};
    if (n % 2_000 === 1_999) await ctx.heartbeat();
  }
  return 1;`;
}

export const FLOODS: Behaviour[] = [
  {
    name: "tells to a neighbour in an endless loop",
    body: `for (let n = 0;; n++) ctx.tell("${NEIGHBOUR}", "note", n);`,
    ends: ["UNRESPONSIVE", "OUT_OF_MEMORY", "MESSAGE_FLOOD"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: "crash",
  },
  {
    name: "tells to a neighbour that nobody awaits",
    body: flood(`ctx.tell("${NEIGHBOUR}", "note", n)`),
    ends: ["MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    cellEnds: true,
    audit: [OVERLOADED, ...FLOOD],
  },
  {
    name: "urgent tells to a neighbour that nobody awaits",
    body: flood(`ctx.tell("${NEIGHBOUR}", "note", n, { lane: "high" })`),
    ends: ["MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    cellEnds: true,
    audit: [OVERLOADED, ...FLOOD],
  },
  {
    name: "tells as fast as they are taken",
    body: `for (;;) {
      await Promise.all(Array.from({ length: 200 }, () => ctx.tell("${NEIGHBOUR}", "note", 1)));
    }`,
    ends: ["TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: [{ kind: "crash", code: "TIMEOUT" }],
  },
  {
    name: "tells to itself that nobody awaits",
    body: flood(`ctx.tell(ctx.self, "echo", n)`),
    ends: ["MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    cellEnds: true,
    audit: [OVERLOADED, ...FLOOD],
  },
  {
    name: "tells to 100,000 virtual actors",
    body: flood('ctx.tell(`actor://victim/k${n}`, "note", n)', "100_000"),
    ends: ["answered", "TIMEOUT", "MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    audit: [],
    silence: "a quarter of a million actors may have mail",
    verify: async ({ arena }) => {
      if (arena.system.stats().residents > 1_100) throw new Error("more are resident than may be");
      await arena.ask("actor://victim/later", "echo", 1);
    },
  },
  {
    name: "asks that are never answered",
    body: flood('ctx.ask("actor://mob/hole", "x-silence", n, { timeoutMs: 3_600_000 })'),
    ends: ["MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    cellEnds: true,
    audit: [OVERLOADED, ...FLOOD],
  },
  {
    name: "durable tells that nobody awaits",
    body: flood('ctx.tell("actor://victim/durable", "note", n, { durable: true })'),
    ends: ["MESSAGE_FLOOD", "TIMEOUT", "OUT_OF_MEMORY"],
    withinMs: OVERDUE_MS,
    audit: "crash",
  },
  {
    name: "a flood of publications",
    body: flood('ctx.emit("news.flood", n)'),
    ends: ["MESSAGE_FLOOD", "TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: [OVERLOADED],
  },
  {
    name: "a flood of topics",
    body: flood("ctx.emit(`news.t${n}`, n)", "50_000"),
    ends: ["MESSAGE_FLOOD", "TIMEOUT", "answered"],
    withinMs: OVERDUE_MS,
    audit: [OVERLOADED],
  },
  {
    name: "a flood of subscriptions",
    body: flood("ctx.subscribe(`hoard.t${n}`)", "20_000"),
    ends: ["answered", "MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    audit: [{ kind: "refusal", code: "TOO_MANY_SUBSCRIPTIONS" }],
  },
  {
    name: "a storm of broadcasts",
    body: `for (let n = 0; n < 500; n++) await ctx.ask(\`actor://victim/b\${n}\`, "echo", n);
      ${flood('ctx.tell("actor://victim/*", "note", n)')}`,
    ends: ["MESSAGE_FLOOD", "TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: [{ kind: "refusal", code: "RATE_LIMITED" }],
  },
  {
    name: "messages for the far future",
    body: flood('ctx.after(1e9, "echo", n)', "150_000"),
    ends: ["answered", "MESSAGE_FLOOD", "TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: [OVERLOADED],
    verify: async ({ arena }) => {
      // Others still may.
      await arena.system.tell("actor://victim/late", "note", 1, { delayMs: 50 });
    },
  },
  {
    name: "large messages for the far future",
    body: `const big = "x".repeat(1e6);
      for (let n = 0; n < 1_000; n++) await ctx.after(1e9, "echo", big);
      return 1;`,
    ends: ["OVERLOADED"],
    withinMs: OVERDUE_MS,
    audit: [OVERLOADED],
  },
  {
    name: "large messages to many virtual actors",
    body: `const big = "x".repeat(1e6);
      for (let n = 0; n < 600; n += 20) {
        await Promise.all(Array.from({ length: 20 }, (_, at) =>
          ctx.tell(\`actor://mob/m\${n + at}\`, "x-silence", big)));
      }
      return 1;`,
    ends: ["OVERLOADED"],
    withinMs: OVERDUE_MS,
    audit: [OVERLOADED],
  },
  {
    name: "a flood of log lines",
    body: flood('ctx.log.info("x".repeat(4_000))'),
    ends: ["TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: [{ kind: "crash", code: "TIMEOUT" }],
  },
  {
    name: "a flood of forged log lines",
    body:
      `rewrite((text) => text.startsWith("[") ? ("[" + Array(5_000).fill('[3,1,1,"x",null]').join() + "]\\n").repeat(4) + text : text);
      for (;;) { ctx.log.info("x"); await ctx.heartbeat(); }`,
    ends: ["MESSAGE_FLOOD", "TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: FLOOD,
  },
  {
    name: "a flood of messages to its cell",
    body: "for (;;) { for (let n = 0; n < 500; n++) self.postMessage(n); await ctx.heartbeat(); }",
    ends: ["MESSAGE_FLOOD"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: FLOOD,
  },
  {
    name: "a flood on stderr",
    body: "const b = new Uint8Array(65_536); for (;;) Deno.stderr.writeSync(b);",
    ends: ["MESSAGE_FLOOD"],
    withinMs: SILENT_MS,
    cellEnds: true,
    audit: FLOOD,
  },
  {
    name: "asks in a circle",
    body: `if (input === "back") return await ctx.ask("actor://villain/circle", "hello");
      return await ctx.ask(ctx.self, "hello");`,
    ends: ["ASK_CYCLE"],
    withinMs: 1_000,
    audit: [{ kind: "refusal", code: "ASK_CYCLE" }],
  },
  {
    name: "a web of asks",
    body: `if (input === "spin") {
        for (let n = 0; n < 5_000; n++) ctx.ask(\`actor://mob/w\${n}\`, "x-silence", n);
        await never;
      }
      ctx.tell("actor://mob/spider", ctx.message.type, "spin");
      await ctx.sleep(300);
      ${flood('ctx.ask("actor://mob/spider", "hello", n)', "20_000")}`,
    ends: ["answered", "TIMEOUT", "MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    audit: "crash",
  },
  {
    name: "an agent that floods a neighbour",
    by: "agent",
    body: flood(`ctx.tell("${NEIGHBOUR}", "note", n)`),
    ends: ["MESSAGE_FLOOD"],
    withinMs: OVERDUE_MS,
    cellEnds: true,
    audit: [OVERLOADED, ...FLOOD],
  },
];
