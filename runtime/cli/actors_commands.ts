import { ulid } from "ulid";
import { isMessageId, isMessageType, parseAddress } from "../../actors/messages/mod.ts";
import type { TreeView } from "../../actors/supervision/mod.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import { suggest } from "../../core/suggest.ts";
import type { ActorReader, SystemSummary } from "../node/actor_reader.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { plainText } from "./plain_text.ts";
import { nothingYet, withActors } from "./with_actors.ts";

/** How long a wish is watched. */
const WISH_WAIT_MS = 3_000;

/** `actors list`. */
export async function list(invocation: Invocation): Promise<number> {
  const items = await withActors(invocation, (actors) => actors.systems())
    .catch((error): SystemSummary[] => nothingYet(error, invocation));
  const { terminal, isJson } = invocation;
  terminal.out(isJson ? `${JSON.stringify({ items })}\n` : listText(items));
  return EXIT.completed;
}

function listText(systems: readonly SystemSummary[]): string {
  if (systems.length === 0) return "No actor systems\n";
  const width = Math.max(...systems.map(({ system }) => system.length));
  return systems.map((one) =>
    `${plainText(one.system).padEnd(width)}  ${leaderText(one)}, term ${one.term}\n`
  ).join("");
}

/** Who leads a system, in words. */
export function leaderText({ pid, isLed }: SystemSummary): string {
  if (pid === null) return "stopped";
  return isLed ? `led by process ${pid}` : `process ${pid}, which led it, is gone`;
}

/** `actors tell ADDRESS TYPE [JSON]`. */
export async function tell(invocation: Invocation): Promise<number> {
  const wish = { type: "tell" as const, ...readMessage(invocation) };
  return await withActors(invocation, async (actors) => {
    const system = await actors.system(invocation.text("system"));
    await actors.wish(system.system, wish);
    const what = `Message "${wish.messageType}" for ${wish.to}`;
    const { terminal, isJson } = invocation;
    const { id, to } = wish;
    if (isJson) {
      const { system: name, isLed } = system;
      terminal.out(`${JSON.stringify({ system: name, id, to, isLed })}\n`);
    } else terminal.err(plainText(`${what} is left as ${id}: ${takerText(system)}`) + "\n");
    return EXIT.completed;
  });
}

/** Who will see to a wish. */
export function takerText({ system, pid, isLed }: SystemSummary): string {
  return isLed
    ? `process ${pid}, which leads "${system}", takes it`
    : `nobody leads "${system}" now, so it waits until the system runs again`;
}

function readMessage({ positionals, text }: Invocation) {
  const [to, messageType, json] = positionals as [string, string, string | undefined];
  const address = parseAddress(to);
  if ("problem" in address) throw wrong("ADDRESS", to, "Write actor://name/key");
  if (!isMessageType(messageType)) {
    throw wrong("TYPE", messageType, "Write the name of a message as the actor declares it: add");
  }
  const id = text("id") ?? ulid();
  if (!isMessageId(id)) {
    throw new InvalidInputError("OPTION_VALUE_WRONG", {
      message: `Cannot use --id "${id}"`,
      hint: "Give 1 to 128 visible characters",
    });
  }
  return { to, messageType, payload: readJson(json), id };
}

function readJson(text: string | undefined): Json {
  if (text === undefined) return null;
  try {
    return JSON.parse(text);
  } catch {
    throw wrong("JSON", text, `Write JSON, in quotes of the shell: '{ "by": 2 }'`);
  }
}

function wrong(argument: string, value: string, hint: string): InvalidInputError {
  const message = `Cannot use ${argument} "${value}"`;
  return new InvalidInputError("ARGUMENT_VALUE_WRONG", { message, hint });
}

/** `actors restart CHILD`. */
export function restart(invocation: Invocation): Promise<number> {
  return order(invocation, "restart");
}

/** `actors terminate CHILD`. */
export function terminate(invocation: Invocation): Promise<number> {
  return order(invocation, "terminate");
}

async function order(invocation: Invocation, type: "restart" | "terminate"): Promise<number> {
  const child = invocation.positionals[0]!.replace(/^actor:\/\//, "");
  return await withActors(invocation, async (actors) => {
    const system = await actors.system(invocation.text("system"));
    const { system: name, term, pid, isLed } = system;
    await requireChild(actors, name, child);
    if (!isLed) throw notLed(system);
    const wishId = await actors.wish(name, { type, child, term });
    const isTaken = await actors.isTaken(name, wishId, WISH_WAIT_MS);
    const { terminal, isJson } = invocation;
    const done = isTaken ? "has taken the wish" : "has not taken the wish yet";
    if (isJson) terminal.out(`${JSON.stringify({ system: name, child, wish: type, isTaken })}\n`);
    else terminal.err(plainText(`${type} ${child}: process ${pid} ${done}`) + "\n");
    return EXIT.completed;
  });
}

async function requireChild(actors: ActorReader, system: string, child: string): Promise<void> {
  const tree = await actors.tree(system);
  // It has just been started for the first time: its leader knows.
  if (tree === null) return;
  const ids = tree.children.flatMap(idsOf);
  if (ids.includes(child)) return;
  const near = suggest(child, ids);
  throw new InvalidInputError("CHILD_NOT_FOUND", {
    message: `Found no child "${child}" in the tree of "${system}"`,
    hint: near === null
      ? `See the tree with: deno task denizen actors tree ${system}`
      : `Did you mean "${near}"?`,
  });
}

/** Virtual actors come and go by themselves. */
function idsOf(view: TreeView): string[] {
  return view.kind === "dynamic" ? [] : [view.id, ...view.children.flatMap(idsOf)];
}

function notLed({ system }: SystemSummary): ConflictError {
  return new ConflictError("SYSTEM_NOT_LED", {
    message: `No living process leads actor system "${system}"`,
    hint: "Start it with: deno task denizen actors run FILE",
  });
}
