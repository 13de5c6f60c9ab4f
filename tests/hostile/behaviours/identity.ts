/**
 * Attempts to be somebody else, or to pass where only others may.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type AuditWanted, type Behaviour, NEIGHBOUR } from "../arena/mod.ts";

const SOON_MS = 1_500;
const DENIED: AuditWanted = { kind: "refusal", code: "ACCESS_DENIED" };

/** Tries to send; says with which code each was refused. */
function refused(
  name: string,
  sends: readonly string[],
  codes: readonly string[],
  audit: AuditWanted[],
  more: Partial<Behaviour> = {},
): Behaviour {
  return {
    name,
    body: `const codes = [];
      for (const send of [${sends.map((text) => `() => ${text}`).join(",\n")}]) {
        try { await send(); codes.push("taken"); } catch (error) { codes.push(error.code ?? error.name); }
      }
      return codes;`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit,
    verify: (_attack, { answer }) => assert.deepEqual(answer, codes),
    ...more,
  };
}

export const IDENTITY: Behaviour[] = [
  {
    name: "a sender that it claims in payload and options",
    body:
      `const claims = { from: "actor://neighbour/main", sender: "external", to: "actor://lobby/main" };
      return await ctx.ask("${NEIGHBOUR}", "who", claims, claims);`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "the node knows who sends",
    verify: ({ address }, { answer }) => assert.equal(answer, address),
  },
  {
    name: "a context that it rewrites",
    body: `Object.defineProperty(ctx, "self", { value: "actor://neighbour/main" });
      Object.defineProperty(Object.getPrototypeOf(ctx), "sender", { value: "external" });
      return await ctx.ask("${NEIGHBOUR}", "who");`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "the node knows who sends",
    verify: ({ address }, { answer }) => assert.equal(answer, address),
  },
  refused(
    "an actor that takes messages from outside only",
    [
      'ctx.tell("actor://lobby/main", "note")',
      'ctx.ask("actor://lobby/main", "echo")',
      'ctx.tell("actor://lobby/main", "note", 1, { durable: true })',
    ],
    Array(3).fill("ACCESS_DENIED"),
    [DENIED],
  ),
  refused(
    "an actor that takes messages from others only",
    ['ctx.tell("actor://cashier/main", "note")', 'ctx.ask("actor://cashier/main", "notes")'],
    Array(2).fill("ACCESS_DENIED"),
    [DENIED],
  ),
  refused(
    "a rule that it goes around by topic and broadcast",
    [
      'ctx.emit("desk.open", 1)',
      'ctx.tell("actor://cashier/*", "note", 1)',
      'ctx.tell("actor://lobby/*", "note", 1)',
    ],
    // To many is no promise to each; that nobody took it is on record.
    Array(3).fill("taken"),
    [DENIED],
    {
      verify: async ({ arena }, _outcome, entries) => {
        assert.equal(await arena.ask("actor://lobby/main", "notes"), 0);
        assert.equal(
          await arena.ask(NEIGHBOUR, "forward", {
            to: "actor://cashier/main",
            type: "echo",
            payload: 1,
          }),
          1,
        );
        const to = entries.filter(({ code }) => code === "ACCESS_DENIED").map(({ to }) => to);
        assert.ok(
          to.includes("actor://cashier/main") && to.includes("actor://lobby/main"),
          String(to),
        );
      },
    },
  ),
  refused(
    "a topic that only others publish",
    ['ctx.emit("staff.news", "forged")', 'ctx.tell("topic:staff.news", "event", "forged")'],
    Array(2).fill("ACCESS_DENIED"),
    [DENIED],
  ),
  {
    name: "a deputy that may what it may not",
    body:
      `return await ctx.ask("${NEIGHBOUR}", "forward", { to: "actor://cashier/main", type: "echo", payload: "gold" });`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "by design: who forwards answers for it",
    verify: (_attack, { answer }) => assert.equal(answer, "gold"),
  },
  refused(
    "an actor that takes only sealed messages",
    [
      // Past the boot code, which would seal: plain, and with a seal of its own making.
      `(forge(ctx, '[[7,' + ctx.$seq + ',900001,"actor://vault/main","note",{"plain":1},null]]'), ctx.sleep(50))`,
      `(forge(ctx, '[[7,' + ctx.$seq + ',900002,"actor://vault/main","note",{"$sealed":"AAAA"},null]]'), ctx.sleep(50))`,
    ],
    ["taken", "taken"],
    [{ kind: "refusal", code: "SEAL_MISSING" }],
    {
      verify: async ({ arena }) => {
        assert.equal(await arena.ask("actor://vault/main", "notes"), 0);
      },
    },
  ),
  refused(
    "orders to the system",
    [
      'ctx.tell("system:", "stop")',
      'ctx.ask("system:", "shutdown")',
      'ctx.ask("system:", "terminate", { id: "neighbour" })',
      'ctx.ask("system:hostile", "stop")',
    ],
    ["INVALID_MESSAGE", "INVALID_MESSAGE", "INVALID_MESSAGE", "NO_ACTOR"],
    [{ kind: "refusal", code: "INVALID_MESSAGE" }],
  ),
  {
    name: "a durable message with the id of another's",
    body: `if (input === "legit") return;
      await ctx.tell("actor://victim/ids", "note", 1, { durable: true, id: "order-1" });`,
    drive: async ({ arena, address, type }) => {
      await arena.ask(address, type);
      await arena.system.tell("actor://victim/ids", "note", 2, { durable: true, id: "order-1" });
      const endsAt = performance.now() + 1_000;
      let notes = 0;
      while (notes < 2 && performance.now() < endsAt) {
        notes = await arena.ask("actor://victim/ids", "notes") as number;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return { code: null, message: "", answer: notes };
    },
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "ids of one sender are nothing to another",
    verify: (_attack, { answer }) => assert.ok((answer as number) >= 2),
  },
  {
    name: "an address that looks like another's",
    body: `const codes = [];
      for (const to of ["actor://neighbour/main\\u200b", "actor://ne\\u0456ghbour/main", "actor://NEIGHBOUR/main", "actor://neighbour/main/", "actor://neighbour//main"]) {
        try { codes.push(await ctx.ask(to, "notes")); } catch (error) { codes.push(error.code); }
      }
      return codes;`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [{ kind: "refusal", code: "NO_ACTOR" }],
    verify: (_attack, { answer }) => {
      assert.deepEqual((answer as string[]).slice(0, 3), ["NO_ACTOR", "NO_ACTOR", "NO_ACTOR"]);
    },
  },
  {
    name: "a hundred refusals that hide one",
    body: `for (let n = 0; n < 300; n++) ctx.tell(\`actor://nobody/\${n}\`, "note");
      for (let n = 0; n < 300; n++) ctx.tell(\`actor://none-\${n}/x\`, "note");
      await ctx.tell("actor://lobby/main", "note").catch(() => {});`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [DENIED, { kind: "refusal", code: "NO_ACTOR" }],
    verify: (_attack, _outcome, entries) => {
      assert.ok(!entries.some(({ code }) => code === "AUDIT_OVERFLOW"), "records were left out");
    },
  },
];
