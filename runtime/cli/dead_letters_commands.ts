import type { DeadLetter, FailedAttempt } from "../../actors/delivery/mod.ts";
import { formatDuration } from "../../core/duration.ts";
import { InvalidInputError } from "../../core/errors.ts";
import type { ActorReader, DeadLetterEntry } from "../node/actor_reader.ts";
import { takerText } from "./actors_commands.ts";
import type { Invocation } from "./command.ts";
import { EXIT } from "./exit_status.ts";
import { plainText } from "./plain_text.ts";
import { withDataOption } from "./with_data_option.ts";
import { nothingYet, withActors } from "./with_actors.ts";

const LIST_LIMIT = 20;
const LIST_MAX = 1_000;
/** Letters that are read at once where all are meant. */
const PAGE = 200;

/** `dead-letters list`, newest first. */
export async function list(invocation: Invocation): Promise<number> {
  const limit = readLimit(invocation);
  const cursor = invocation.text("cursor");
  const items = await withActors(invocation, async (actors) => {
    const system = await namedSystem(actors, invocation);
    return await actors.deadLetters(system, { limit, ...(cursor === undefined ? {} : { cursor }) });
  }).catch((error): DeadLetterEntry[] => nothingYet(error, invocation));
  const { terminal, isJson } = invocation;
  const nextCursor = items.length === limit ? items.at(-1)!.id : null;
  if (isJson) terminal.out(`${JSON.stringify({ items: items.map(summaryOf), nextCursor })}\n`);
  else terminal.out(listText(items, Date.now()));
  if (nextCursor !== null && !isJson) {
    const more = `more: deno task denizen dead-letters list --cursor ${nextCursor}`;
    terminal.err(`${withDataOption(more, invocation)}\n`);
  }
  return EXIT.completed;
}

function readLimit(invocation: Invocation): number {
  const text = invocation.text("limit");
  const limit = Number(text ?? LIST_LIMIT);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIST_MAX) return limit;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --limit "${text}"`,
    hint: `Give a whole number from 1 to ${LIST_MAX}`,
  });
}

/** The system of `--system`, if it is there. */
async function namedSystem(
  actors: ActorReader,
  invocation: Invocation,
): Promise<string | undefined> {
  const name = invocation.text("system");
  return name === undefined ? undefined : (await actors.system(name)).system;
}

/** All but the payload, which may be large and nobody else's business. */
function summaryOf({ id, system, letter }: DeadLetterEntry) {
  const { message: { from, to, type }, reason, attempts, kills, history, at } = letter;
  const code = history.at(-1)?.code ?? null;
  return { id, system, reason, code, from, to, type, attempts, kills, at: instant(at) };
}

function listText(entries: readonly DeadLetterEntry[], now: number): string {
  if (entries.length === 0) return "No dead letters\n";
  return entries.map(({ id, system, letter }) => {
    const { message: { from, to, type }, at } = letter;
    const age = formatDuration(Math.max(0, now - at));
    const facts = [id, system, reasonText(letter), attemptsText(letter), `${age} ago`]
      .map(plainText);
    return `${facts.join("  ")}\n    ${plainText(`${from} → ${to} "${type}"`)}\n`;
  }).join("");
}

/** With the code of the last failure, where that says more. */
function reasonText({ reason, history }: DeadLetter): string {
  const code = history.at(-1)?.code;
  return code === undefined || code === reason ? reason : `${reason} (${code})`;
}

function attemptsText({ attempts, kills }: DeadLetter): string {
  const count = `${attempts} ${attempts === 1 ? "attempt" : "attempts"}`;
  return kills === 0 ? count : `${count}, ${kills} of them crashed the actor`;
}

/** The file may hold any number. */
function instant(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : date.toISOString();
}

/** `dead-letters show ID`. */
export async function show(invocation: Invocation): Promise<number> {
  const { terminal, isJson, positionals } = invocation;
  const entry = await withActors(invocation, (actors) => actors.deadLetter(positionals[0]!));
  terminal.out(isJson ? `${JSON.stringify(entry)}\n` : showText(entry, invocation));
  return EXIT.completed;
}

function showText({ id, system, letter }: DeadLetterEntry, invocation: Invocation): string {
  const { message, reason, at, history } = letter;
  // The node keeps nothing of a refused message that should have been encrypted.
  const isKept = letter.seq >= 0 || message.chars > 0;
  const rows: [name: string, value: string][] = [
    ["letter", id],
    ["system", system],
    ["reason", `${reason} after ${attemptsText(letter)}`],
    ["from", message.from],
    ["to", message.to],
    ["type", message.type],
    ["message", message.id],
    ["sent", instant(message.sentAt)],
    ["given up", instant(at)],
    ...(message.topic === undefined ? [] : [["topic", message.topic] as [string, string]]),
    ["payload", isKept ? JSON.stringify(message.payload) : "not kept: it was not encrypted"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${plainText(value)}\n`);
  return [...lines, ...history.map(attemptLine), nextText(id, isKept, invocation)].join("");
}

/** What can be done about it. */
function nextText(id: string, isKept: boolean, invocation: Invocation): string {
  const command = (verb: string) =>
    withDataOption(`deno task denizen dead-letters ${verb} ${plainText(id)}`, invocation);
  const drop = `drop it with: ${command("drop")}`;
  return isKept ? `replay it with: ${command("replay")}; ${drop}\n` : `${drop}\n`;
}

function attemptLine({ at, code, message, isKill }: FailedAttempt): string {
  const what = isKill ? "crashed with" : "failed with";
  return `${instant(at)}  ${what} ${plainText(`${code} ${message}`)}\n`;
}

/** `dead-letters replay ID…`. */
export function replay(invocation: Invocation): Promise<number> {
  return wishForEach(invocation, "replay");
}

/** `dead-letters drop ID…`. */
export function drop(invocation: Invocation): Promise<number> {
  return wishForEach(invocation, "drop");
}

/** The leader of a system alone writes to it: each letter becomes a wish. */
async function wishForEach(invocation: Invocation, type: "replay" | "drop"): Promise<number> {
  const { terminal, isJson } = invocation;
  const wanted = readLetters(invocation);
  return await withActors(invocation, async (actors) => {
    const counts = new Map<string, number>();
    for await (const { id, system } of lettersOf(actors, wanted)) {
      await actors.wish(system, { type, letterId: id });
      counts.set(system, (counts.get(system) ?? 0) + 1);
    }
    const systems = await Promise.all([...counts.keys()].map((name) => actors.system(name)));
    const items = systems.map((one) => ({ ...one, letters: counts.get(one.system)! }));
    if (isJson) terminal.out(`${JSON.stringify({ wish: type, systems: items })}\n`);
    else if (items.length === 0) terminal.err("No dead letters\n");
    else {
      for (const item of items) {
        const what = `${type} ${item.letters} ${item.letters === 1 ? "letter" : "letters"}`;
        terminal.err(plainText(`${what}: ${takerText(item)}`) + "\n");
      }
    }
    return EXIT.completed;
  });
}

type Wanted = { ids: string[] } | { all: true; system: string | undefined };

function readLetters({ positionals, path, flag, text }: Invocation): Wanted {
  const isAll = flag("all");
  if (isAll && positionals.length > 0) {
    throw new InvalidInputError("ARGUMENT_UNWANTED", {
      message: `Cannot use argument "${positionals[0]}" of "${path}" beside --all`,
      hint: "Name letters, or give --all",
    });
  }
  if (isAll) return { all: true, system: text("system") };
  if (positionals.length > 0) return { ids: positionals };
  throw new InvalidInputError("ARGUMENT_MISSING", {
    message: `Cannot run "${path}" without ID`,
    hint: "Name letters, or give --all; list them with: deno task denizen dead-letters list",
  });
}

/** All ids are looked up before the first wish is left. */
async function* lettersOf(actors: ActorReader, wanted: Wanted): AsyncIterable<DeadLetterEntry> {
  if ("ids" in wanted) {
    yield* await Promise.all(wanted.ids.map((id) => actors.deadLetter(id)));
    return;
  }
  const { system } = wanted;
  if (system !== undefined) await actors.system(system);
  let cursor: string | undefined;
  for (;;) {
    const page = await actors.deadLetters(system, { limit: PAGE, cursor });
    yield* page;
    cursor = page.at(-1)?.id;
    if (page.length < PAGE) return;
  }
}
