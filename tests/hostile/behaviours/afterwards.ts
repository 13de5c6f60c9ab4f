/**
 * Attempts to go on after the end: of a message, of an actor, of a process.
 *
 * @module
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { type Attack, type Behaviour, NEIGHBOUR, outcomeOf } from "../arena/mod.ts";

const SOON_MS = 1_500;

/** What the neighbour was told, now and after a while: nothing comes any more. */
async function assertSilence({ arena }: Attack): Promise<void> {
  const before = await arena.ask(NEIGHBOUR, "notes");
  await sleep(400);
  assert.equal(await arena.ask(NEIGHBOUR, "notes"), before, "it still sends");
}

/** Stops in order, after it has left something behind. */
function leaves(name: string, remains: string, more: Partial<Behaviour> = {}): Behaviour {
  return {
    name,
    body: `${remains} await ctx.stop(); return "stopped";`,
    ends: ["answered"],
    withinMs: SOON_MS,
    cellEnds: true,
    audit: [],
    silence: "its cell ends with it",
    verify: (attack) => assertSilence(attack),
    ...more,
  };
}

export const AFTERWARDS: Behaviour[] = [
  leaves("timers after a stop", `setInterval(() => ctx.tell("${NEIGHBOUR}", "note", "late"), 10);`),
  leaves(
    "promises after a stop",
    `void (async () => { for (;;) { await new Promise((r) => setTimeout(r, 5)); ctx.tell("${NEIGHBOUR}", "note"); } })();`,
  ),
  leaves(
    "a nested worker after a stop",
    'new Worker("data:text/javascript,setInterval(() => postMessage(1), 5);", { type: "module" }).onmessage = () => ctx.tell("' +
      NEIGHBOUR + '", "note");',
  ),
  leaves(
    "forged frames after a stop",
    `const seq = ctx.$seq;
      setInterval(() => rewrite((text) => text.startsWith("[") ? '[[7,' + seq + ',1,"${NEIGHBOUR}","note",1,null]]\\n' + text : text), 5);
      setInterval(() => self.postMessage(1), 50);`,
  ),
  leaves(
    "writes after a stop",
    `let n = 0; setInterval(() => Deno.writeTextFileSync(input.folder + "/granted/late.txt", String(n++)), 5);`,
    {
      by: "writer",
      input: ({ folder }) => ({ folder }),
      verify: async ({ arena }) => {
        const path = `${arena.folder}/granted/late.txt`;
        const read = () => Deno.readTextFile(path).catch(() => "");
        const before = await read();
        await sleep(300);
        assert.equal(await read(), before, "it still writes");
      },
    },
  ),
  {
    name: "a context that it keeps after its message",
    body: `if (input === "again") {
        const codes = [];
        for (const act of [
          () => globalThis.kept.tell("${NEIGHBOUR}", "note"), () => globalThis.kept.ask("${NEIGHBOUR}", "echo"),
          () => globalThis.kept.emit("news.x", 1), () => globalThis.kept.stop(),
        ]) {
          try { await act(); codes.push("taken"); } catch (error) { codes.push(error.code); }
        }
        return codes;
      }
      globalThis.kept = ctx;`,
    drive: async ({ arena, address, type }) => {
      await arena.ask(address, type);
      return await outcomeOf(arena.ask(address, type, "again"));
    },
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "refused before it leaves the worker",
    verify: (_attack, { answer }) => assert.deepEqual(answer, Array(4).fill("CONTEXT_OVER")),
  },
  {
    name: "messages after a crash",
    body: `setInterval(() => ctx.tell("${NEIGHBOUR}", "note"), 5); throw new Error("gone");`,
    ends: ["ACTOR_CRASHED"],
    withinMs: SOON_MS,
    cellEnds: true,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED" }],
    verify: (attack) => assertSilence(attack),
  },
  {
    name: "messages after its time was over",
    body:
      `for (;;) { ctx.tell("${NEIGHBOUR}", "note"); await new Promise((r) => setTimeout(r, 20)); }`,
    ends: ["TIMEOUT"],
    withinMs: 3_500,
    cellEnds: true,
    audit: [{ kind: "crash", code: "TIMEOUT" }],
    verify: (attack) => assertSilence(attack),
  },
  {
    name: "messages of one that shares its cell, after a crash",
    by: "mob",
    body: `setInterval(() => ctx.tell("${NEIGHBOUR}", "note"), 5); throw new Error("gone");`,
    ends: ["ACTOR_CRASHED"],
    withinMs: SOON_MS,
    audit: [{ kind: "crash", code: "ACTOR_CRASHED" }],
    verify: async (attack) => {
      await assertSilence(attack);
      assert.equal(await attack.arena.ask("actor://mob/other", "echo", 1), 1);
    },
  },
  {
    name: "a loop of one that shares its cell",
    by: "mob",
    body: "for (;;);",
    ends: ["UNRESPONSIVE", "CRASHED"],
    withinMs: 2_500,
    cellEnds: true,
    audit: [{ kind: "crash", code: "UNRESPONSIVE" }],
    verify: async ({ arena }) => {
      // The price of a shared cell: others there begin anew, and go on.
      assert.equal(await arena.ask("actor://mob/other", "echo", 1), 1);
    },
  },
  {
    name: "an agent that works on after its answer",
    by: "agent",
    body:
      "setInterval(() => { for (const end = performance.now() + 45; performance.now() < end;); }, 50); return 1;",
    ends: ["answered"],
    withinMs: 4_000,
    cellEnds: true,
    audit: [{ kind: "crash", code: "UNAVAILABLE", message: /worked on/ }],
  },
];
