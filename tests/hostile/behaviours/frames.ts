/**
 * Attacks on the wire between worker and node: frames that the boot code never sends. The attackers
 * write them past it, over the socket that their worker has.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type AuditWanted, type Behaviour, NEIGHBOUR } from "../arena/mod.ts";

const SOON_MS = 1_500;
const BROKEN: AuditWanted[] = [{ kind: "crash", code: "CRASHED", message: /frame protocol/ }];
const STRAY: AuditWanted[] = [{ kind: "refusal", code: "FRAME_REFUSED" }];

/** A worker that breaks the protocol is ended at once. */
function broken(name: string, frame: string, more: Partial<Behaviour> = {}): Behaviour {
  return {
    name,
    body: `forge(ctx, ${frame}); await never;`,
    ends: ["CRASHED"],
    withinMs: SOON_MS,
    cellEnds: true,
    audit: BROKEN,
    ...more,
  };
}

/** Items that name nothing in this cell change nothing, and are on record. */
function stray(name: string, frame: string, more: Partial<Behaviour> = {}): Behaviour {
  return {
    name,
    body: `forge(ctx, ${frame}); await ctx.sleep(100); return "own answer";`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: STRAY,
    verify: (_attack, { answer }) => assert.equal(answer, "own answer"),
    ...more,
  };
}

export const FRAMES: Behaviour[] = [
  broken("a frame that is no JSON", '"w[[0,1,1]]"'),
  broken("a frame of an unknown kind", '"[[99,1,1]]"'),
  broken("a frame with a type that is no text", `'[[7,1,1,"${NEIGHBOUR}",["note"],1,null]]'`),
  broken(
    "a frame with options of its own",
    `'[[7,1,1,"${NEIGHBOUR}","note",1,{"from":"external"}]]'`,
  ),
  broken(
    "a frame with an id of a megabyte",
    `'[[7,1,1,"${NEIGHBOUR}","note",1,{"id":"' + "x".repeat(1e6) + '"}]]'`,
  ),
  broken("a frame that nests 100,000 deep", '"[[0,1," + "[".repeat(1e5) + "]".repeat(1e5) + "]]"'),
  broken("a frame of millions of small objects", '"[[0,1,[" + "{},".repeat(2_500_000) + "{}]]]"'),
  broken("a line without an end", '"x".repeat(40e6)', {
    ends: ["CRASHED", "OUT_OF_MEMORY", "UNRESPONSIVE"],
    withinMs: 4_000,
    audit: "crash",
  }),
  broken("bytes that are no UTF-8", '"\\ud800[[0,1,1]]"'),
  broken("a state with a wrong version", '"[[10,1,7,{}],[10,2,7,{}],[10,3,7,{}]]"', {
    body: `rewrite((text) => text.startsWith("[") ? text + Array.from({ length: 400 }, (_, seat) =>
        '[[10,' + seat + ',7,{"count":99}]]\\n').join("") : text);
      ctx.log.info("x"); await never;`,
    by: "hoarder",
  }),
  broken("a state of an actor that keeps none", "", {
    body: `rewrite((text) => text.startsWith("[") ? text + Array.from({ length: 400 }, (_, seat) =>
        '[[10,' + seat + ',1,{"count":99}]]\\n').join("") : text);
      ctx.log.info("x"); await never;`,
  }),
  stray(
    "answers for work of others",
    '"[[0,999,1],[0,-1,1],[0,1.5,1],[1,7777,\\"X\\",\\"x\\",null,null]]"',
  ),
  stray(
    "states of seats that are elsewhere",
    '\'[[10,-1,1,{"count":99}],[10,99999,1,{"count":99}],[10,0.5,1,{}]]\'',
    { by: "hoarder" },
  ),
  stray("crashes of actors elsewhere", '\'[[11,-1,1,"X","x"],[11,99999,1,"X","x"]]\''),
  stray(
    "messages in the name of other work",
    `'[[7,999,1,"${NEIGHBOUR}","note",1,null],[8,-5,2,"${NEIGHBOUR}","note",1,null]]'`,
  ),
  stray("a module that is loaded again", '\'[[5,"neighbour",["note"],1,true,null],[6,"X","x"]]\''),
  {
    name: "an answer given twice",
    body: `rewrite((text) => text.startsWith("[[0,") ? text + text : text); return "once";`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: STRAY,
    verify: (_attack, { answer }) => assert.equal(answer, "once"),
  },
  {
    name: "an agent that answers twice",
    by: "agent",
    body: `rewrite((text) => text.startsWith("[[0,") ? text + text : text); return "once";`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: STRAY,
    verify: (_attack, { answer }) => assert.equal(answer, "once"),
  },
  {
    name: "an agent that answers for others",
    by: "agent",
    body:
      `const frame = "[" + Array.from({ length: 500 }, (_, n) => '[0,' + (n + 100_000) + ',"forged"]').join() + "]";
      forge(ctx, frame); await ctx.sleep(100); return "own answer";`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: STRAY,
    verify: (_attack, { answer }) => assert.equal(answer, "own answer"),
  },
  {
    name: "a flood of stray frames",
    body: `const frame = "[" + Array(20_000).fill("[0,999999,1]").join() + "]\\n";
      rewrite((text) => text.startsWith("[") ? frame.repeat(5) + text : text);
      for (;;) { ctx.log.info("x"); await ctx.heartbeat(); }`,
    ends: ["MESSAGE_FLOOD"],
    withinMs: SOON_MS,
    cellEnds: true,
    audit: [...STRAY, { kind: "crash", code: "MESSAGE_FLOOD" }],
  },
  {
    name: "a realm that it broke",
    body: `JSON.stringify = () => "x"; Map.prototype.get = () => { throw 1; };
      Array.prototype.push = () => { throw 2; }; Promise.prototype.then = () => { throw 3; };
      throw new Error("still told");`,
    ends: ["ACTOR_CRASHED", "TIMEOUT", "CRASHED", "UNRESPONSIVE"],
    withinMs: 4_000,
    cellEnds: true,
    audit: "crash",
  },
  {
    name: "a reader that does not read",
    body: `const big = "x".repeat(3e6);
      for (let n = 0; n < 60; n++) { ctx.ask("actor://victim/big", "echo", big); await ctx.heartbeat(); }
      for (;;);`,
    ends: ["TIMEOUT", "UNRESPONSIVE", "MESSAGE_FLOOD", "OUT_OF_MEMORY"],
    withinMs: 4_000,
    cellEnds: true,
    audit: "crash",
  },
];
