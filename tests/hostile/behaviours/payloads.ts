/**
 * Attacks by what is in a message, an answer or a state.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Json } from "../../../core/json.ts";
import { type Behaviour, NEIGHBOUR } from "../arena/mod.ts";
import { OVERDUE_MS } from "./cpu.ts";

const SOON_MS = 1_500;
/** The boot code says no: the node never hears of it. */
const LOCAL = "refused before it leaves the worker";

/** Code of what each of the expressions is refused with; `taken` where it is not. */
function codesOf(expressions: readonly string[]): string {
  return `const codes = [];
    for (const send of [${expressions.map((text) => `() => ${text}`).join(",\n")}]) {
      try { await send(); codes.push("taken"); } catch (error) { codes.push(error.code ?? error.name); }
    }
    return codes;`;
}

function answersWith(expected: Json): Behaviour["verify"] {
  return (_attack, { answer }) => assert.deepEqual(answer, expected);
}

export const PAYLOADS: Behaviour[] = [
  {
    name: "giant, deep, circular and foreign payloads",
    body: `let deep = 1; for (let n = 0; n < 100_000; n++) deep = [deep];
      const circle = {}; circle.self = circle;
      ${
      codesOf([
        `ctx.tell("${NEIGHBOUR}", "note", "x".repeat(50e6))`,
        `ctx.tell("${NEIGHBOUR}", "note", deep)`,
        `ctx.tell("${NEIGHBOUR}", "note", circle)`,
        `ctx.tell("${NEIGHBOUR}", "note", Array(1e6).fill({}))`,
        `ctx.tell("${NEIGHBOUR}", "note", 10n)`,
        `ctx.tell("${NEIGHBOUR}", "note", () => 1)`,
        `ctx.tell("${NEIGHBOUR}", "note", { get trap() { throw new Error("trap"); } })`,
        `ctx.tell("${NEIGHBOUR}", "note", new Proxy({}, { ownKeys() { throw 1; } }))`,
      ])
    }`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: LOCAL,
    verify: answersWith(Array(8).fill("INVALID_OUTPUT")),
  },
  {
    name: "malformed options of messages",
    body: codesOf([
      `ctx.tell("${NEIGHBOUR}", "note", 1, { lane: "urgent" })`,
      `ctx.tell("${NEIGHBOUR}", "note", 1, { ttlMs: -1 })`,
      `ctx.tell("${NEIGHBOUR}", "note", 1, { delayMs: NaN })`,
      `ctx.tell("${NEIGHBOUR}", "note", 1, { id: "x".repeat(1e6) })`,
      `ctx.tell("${NEIGHBOUR}", "note", 1, { tags: Array(1e5).fill("x") })`,
      `ctx.tell("${NEIGHBOUR}", "note", 1, { partitionBy: "\\u202e" })`,
      `ctx.tell("${NEIGHBOUR}", "note", 1, { durable: "yes" })`,
    ]),
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: LOCAL,
    verify: answersWith(Array(7).fill("INVALID_INPUT")),
  },
  {
    name: "hostile addresses, types and topics",
    body: codesOf([
      'ctx.tell("actor://__proto__/x", "note")',
      'ctx.tell("actor://constructor", "note")',
      'ctx.tell("x".repeat(1e6), "note")',
      'ctx.tell("actor://neighbour/../main", "note")',
      `ctx.tell("${NEIGHBOUR}", "__proto__")`,
      `ctx.tell("${NEIGHBOUR}", "constructor")`,
      `ctx.tell("${NEIGHBOUR}", "hasOwnProperty")`,
      `ctx.tell("${NEIGHBOUR}", "x".repeat(1e6))`,
      'ctx.tell("system:", "stop")',
      'ctx.ask("system:", "shutdown")',
      'ctx.emit("**.**", 1)',
      'ctx.emit("x".repeat(1e6), 1)',
      'ctx.subscribe("**.**.**.x".repeat(1e4))',
    ]),
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [
      "NO_ACTOR",
      "UNKNOWN_MESSAGE",
      "INVALID_MESSAGE",
      "INVALID_TOPIC",
      "INVALID_SUBSCRIPTION",
    ]
      .map((code) => ({ kind: "refusal", code })),
    verify: (_attack, { answer }) => {
      const codes = answer as string[];
      assert.ok(!codes.includes("taken") || codes.indexOf("taken") === 3, codes.join(" "));
    },
  },
  {
    name: "payloads with __proto__ and constructor",
    body:
      `const evil = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
      await ctx.tell("${NEIGHBOUR}", "note", evil);
      return await ctx.ask("${NEIGHBOUR}", "echo", evil);`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "a payload is data: nothing to refuse",
    verify: async ({ arena }, { answer }) => {
      assert.equal(
        JSON.stringify(answer),
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      );
      assert.equal(await arena.ask(NEIGHBOUR, "polluted"), null);
      assert.equal(({} as { polluted?: number }).polluted, undefined);
    },
  },
  {
    name: "a state with __proto__",
    by: "hoarder",
    body: `if (input === "look") return [ctx.state, ({}).polluted ?? null];
      ctx.state = JSON.parse('{"count":0,"__proto__":{"polluted":1}}');
      await ctx.stop();`,
    drive: async ({ arena, address, type }) => {
      await arena.ask(address, type);
      // A new activation in a new cell reads it back.
      const answer = await arena.ask(address, type, "look");
      return { code: null, message: "", answer };
    },
    ends: ["answered"],
    withinMs: 3_000,
    audit: [],
    silence: "a state is data: nothing to refuse",
    verify: (_attack, { answer }) => {
      assert.equal(JSON.stringify(answer), '[{"count":0,"__proto__":{"polluted":1}},null]');
      assert.equal(({} as { polluted?: number }).polluted, undefined);
    },
  },
  {
    name: "toJSON that lies, throws and grows",
    body: `let calls = 0;
      ${
      codesOf([
        `ctx.tell("${NEIGHBOUR}", "note", { toJSON: () => "x".repeat(50e6) })`,
        `ctx.tell("${NEIGHBOUR}", "note", { toJSON() { throw new Error("no"); } })`,
        `ctx.tell("${NEIGHBOUR}", "note", { toJSON: () => undefined })`,
        `ctx.tell("${NEIGHBOUR}", "note", { get x() { return calls++ > 0 ? "x".repeat(50e6) : 1; } })`,
        `ctx.tell("${NEIGHBOUR}", "note", { toJSON() { let a = 1; for (let n = 0; n < 1e3; n++) a = [a]; return a; } })`,
      ])
    }`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: LOCAL,
    verify: answersWith(Array(5).fill("INVALID_OUTPUT")),
  },
  {
    name: "an answer that is a promise for ever",
    body: "return { then() {} };",
    ends: ["TIMEOUT"],
    withinMs: OVERDUE_MS,
    audit: [{ kind: "crash", code: "TIMEOUT" }],
  },
  {
    name: "an answer that resolves twice, then throws",
    body: "return { then(resolve) { resolve(1); resolve(2); throw new Error('late'); } };",
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "the first answer is the answer",
    verify: answersWith(1),
  },
  {
    name: "an answer whose then throws when it is looked at",
    body: "return { get then() { throw new Error('do not look'); } };",
    ends: ["ACTOR_CRASHED"],
    withinMs: SOON_MS,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED", message: /do not look/ }],
  },
  {
    name: "promises as payloads",
    body: codesOf([
      `ctx.tell("${NEIGHBOUR}", "note", Promise.resolve(1))`,
      `ctx.tell("${NEIGHBOUR}", "note", { then(resolve) { resolve(1); } })`,
      `ctx.tell("${NEIGHBOUR}", "note", [Promise.reject(new Error("x"))].map((p) => (p.catch(() => {}), p)))`,
    ]),
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: LOCAL,
    verify: answersWith(Array(3).fill("INVALID_OUTPUT")),
  },
  {
    name: "an answer of 100 MB",
    body: 'return "x".repeat(100e6);',
    ends: ["INVALID_OUTPUT"],
    withinMs: SOON_MS,
    audit: [],
    silence: LOCAL,
  },
  {
    name: "an error of a megabyte of escape sequences",
    body:
      'throw new Error("\\u001b[31mred\\u001b[0m\\u0007\\n2026-01-01 INFO all is well".repeat(40_000));',
    ends: ["ACTOR_CRASHED"],
    withinMs: SOON_MS,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED" }],
    verify: (_attack, _outcome, entries) => {
      // deno-lint-ignore no-control-regex -- what must not be there
      for (const { message } of entries) assert.ok(!/[\x00-\x08\x1b]/.test(message));
      for (const { message } of entries) assert.ok(message.length <= 1_000);
    },
  },
  {
    name: "thrown things that are no errors",
    body: `if (input === "null") throw null;
      throw new Proxy({}, { get() { throw new Error("gotcha"); }, has() { throw 1; } });`,
    ends: ["ACTOR_CRASHED"],
    withinMs: SOON_MS,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED" }],
  },
  {
    name: "payloads at the limit",
    body: `const big = "x".repeat(8e6);
      for (let n = 0; n < 4; n++) await ctx.ask("actor://victim/big", "echo", big);
      return 1;`,
    ends: ["answered"],
    withinMs: OVERDUE_MS,
    audit: [],
    silence: "8 MiB are allowed",
  },
];
