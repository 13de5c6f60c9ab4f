/**
 * Sources of the modules in the arena. Attackers are text: what they do would not pass the checks of
 * this repository.
 *
 * @module
 */
import type { Behaviour } from "./behaviour.ts";

/** Answers what it is asked, and remembers what it is told. */
export function neighbourSource(): string {
  return `import { defineActor } from "denizen";
let notes = 0;
export default defineActor({
  name: "neighbour",
  on: {
    echo: (payload) => payload,
    note: () => { notes++; },
    notes: () => notes,
    who: (_payload, ctx) => ctx.sender,
    globals: () => Object.keys(globalThis).filter((name) => name.startsWith("stolen")),
    polluted: () => ({}).polluted ?? null,
    // Does what others ask of it: a deputy.
    forward: ({ to, type, payload }, ctx) => ctx.ask(to, type, payload),
  },
});
`;
}

/** Name of the message that starts a behaviour. */
export function typeOf({ name }: Behaviour): string {
  return `x-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 100)}`;
}

/** A module whose messages are behaviours. */
export function attackerSource(
  behaviours: readonly Behaviour[],
  kind: "actor" | "keeper" | "agent",
): string {
  const handlers = behaviours.map((behaviour) =>
    `  ${JSON.stringify(typeOf(behaviour))}: async (input, ctx) => {\n${behaviour.body}\n  },`
  ).join("\n");
  const handlersSource = `const handlers = {
  hello: () => Deno.pid,
  echo: (payload) => payload,
${handlers}
};`;
  return `import { AgentError, defineActor, defineAgent } from "denizen";
${FORGE}
${handlersSource}
${kind === "agent" ? agentExport(behaviours) : actorExport(kind)}`;
}

/** Puts lines of its own before what the boot code writes next, or instead of it. */
const FORGE = `const encode = TextEncoder.prototype.encode;
let change = null;
TextEncoder.prototype.encode = function (text) {
  const how = change;
  if (how === null || !String(text).startsWith("[")) return encode.call(this, text);
  change = null;
  return encode.call(this, how(text));
};
/** Writes raw text to the node's socket, ahead of the boot code's next line. */
function forge(ctx, raw) {
  change = (text) => raw + "\\n" + text;
  ctx.log.debug("forged");
}
/** Changes every line that the boot code writes from now on. */
function rewrite(how) {
  TextEncoder.prototype.encode = function (text) { return encode.call(this, how(text)); };
}
const never = new Promise(() => {});
`;

function agentExport(behaviours: readonly Behaviour[]): string {
  const capabilities = ["hello", "echo", ...behaviours.map(typeOf)];
  return `export default defineAgent({
  name: "agent",
  capabilities: ${JSON.stringify(Object.fromEntries(capabilities.map((name) => [name, {}])))},
  run: (input, ctx) => handlers[ctx.capability](input, ctx),
});
`;
}

function actorExport(kind: "actor" | "keeper"): string {
  const state = kind === "keeper" ? `persist: true, initial: () => ({ count: 0 }),` : "";
  return `export default defineActor({
  name: "${kind}",
  ${state}
  on: handlers,
  async onStart(ctx) {
    if (ctx.key.startsWith("start-throws")) throw new Error("no start");
    if (ctx.key.startsWith("start-hangs")) await never;
    if (ctx.key.startsWith("start-loops")) for (;;);
    if (ctx.key.startsWith("start-exits")) Deno.exit(0);
  },
  async onStop(ctx) {
    if (ctx.key.startsWith("stop-hangs")) await never;
    if (ctx.key.startsWith("stop-loops")) for (;;);
    if (ctx.key.startsWith("stop-throws")) throw new Error("no stop");
  },
});
`;
}
