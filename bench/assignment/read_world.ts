/**
 * World files: JSON lines, the first with the agents, each other one with a task.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InvalidInputError } from "../../core/errors.ts";
import { suggest } from "../../core/suggest.ts";
import {
  offers,
  type Outcome,
  treeOf,
  type World,
  type WorldAgent,
  type WorldTask,
} from "./world.ts";

/** Of an agent that does not say how many attempts it does at once: it never queues. */
const CONCURRENCY = 1_024;
/** Between two tasks that do not say when they arrive. */
const BETWEEN_TASKS_MS = 1_000;

const duration = z.number().finite().nonnegative();
const AGENT = z.looseObject({
  name: z.string().min(1),
  capabilities: z.array(z.string()),
  cost: duration.nullish(),
  concurrency: z.number().int().positive().nullish(),
  claim: z.number().min(0).max(1).nullish(),
});
const HEAD = z.looseObject({
  agents: z.array(AGENT).min(1),
  isA: byName(z.array(z.string())).nullish(),
});
const OUTCOME = z.looseObject({
  success: z.union([z.boolean(), z.number().min(0).max(1)]),
  latencyMs: duration.nullish(),
  cost: duration.nullish(),
});
const TASK = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  capability: z.string(),
  text: z.string().nullish(),
  at: z.number().finite().nullish(),
  outcomes: byName(OUTCOME.nullable()).nullish(),
});

/** An object with any names, `__proto__` too, which `z.record` leaves out. */
function byName<T extends z.ZodType>(value: T) {
  const toMap = (given: unknown) =>
    typeof given === "object" && given !== null && !Array.isArray(given)
      ? new Map(Object.entries(given))
      : given;
  return z.preprocess(toMap, z.map(z.string(), value));
}

/**
 * Reads a world. Of a task's outcomes those of unknown agents are left out, and told in its remarks;
 * whoever has none cannot take the task. What is left out gets a default: `cost` 0 (of an outcome: the agent's),
 * `concurrency` so high that nothing queues, `latencyMs` 0, `at` a second after the task before,
 * `id` the number of the line, `text` none. A number as `success` counts from one half up.
 *
 * @throws {InvalidInputError} `FILE_NOT_READABLE`; `INVALID_INPUT` with file and line
 */
export async function readWorld(path: string): Promise<World> {
  return parseWorld(await readText(path), path);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new InvalidInputError("FILE_NOT_READABLE", {
      message: `Could not read "${path}"`,
      hint: "Check the path",
      cause,
    });
  }
}

/** Like {@linkcode readWorld}, from the file's text. */
export function parseWorld(text: string, path: string): World {
  const lines = text.replace(/^\uFEFF/, "").split("\n")
    .map((line, i) => ({ line: line.trim(), place: `${path}:${i + 1}`, number: i + 1 }))
    .filter(({ line }) => line !== "");
  const [first, ...rest] = lines;
  if (first === undefined) throw wrong(`${path}:1`, "the file is empty");
  const head = parseLine(HEAD, first.line, first.place);
  const agents = head.agents.map(({ name, capabilities, cost, concurrency, claim }) => ({
    name,
    capabilities,
    costUsd: cost ?? 0,
    concurrency: concurrency ?? CONCURRENCY,
    ...(claim == null ? {} : { claim }),
  }));
  const byName = new Map(agents.map((agent) => [agent.name, agent]));
  if (byName.size < agents.length) throw wrong(first.place, "two agents have the same name");
  const tasks = readTasks(rest, byName);
  const tree = treeOf(Object.fromEntries(head.isA ?? []));
  const world = { name: path, agents, tasks: tasks.map(({ task }) => task), tree };
  const strange = [
    ...strangeKeys(head, HEAD, first.place),
    ...head.agents.flatMap((agent) => strangeKeys(agent, AGENT, first.place)),
    ...tasks.flatMap((task) => task.strange),
  ];
  return { ...world, remarks: [...remarksOnKeys(strange), ...remarksOn(world, tasks)] };
}

/** A key that means nothing here: a misspelt one, or one more that a recording happens to have. */
interface StrangeKey {
  place: string;
  key: string;
  known: string[];
}

function strangeKeys(
  value: object,
  { shape }: { shape: Readonly<Record<string, unknown>> },
  place: string,
): StrangeKey[] {
  return Object.keys(value).filter((key) => !Object.hasOwn(shape, key))
    .map((key) => ({ place, key, known: Object.keys(shape) }));
}

/** Each key once, with the first of its places. */
function remarksOnKeys(strange: readonly StrangeKey[]): string[] {
  const firsts = new Map(strange.toReversed().map((one) => [one.key, one]));
  return [...firsts.values()].map(({ place, key, known }) => {
    const near = suggest(key, known);
    const meant = near === null ? "" : `; did you mean "${near}"?`;
    return `${place}: passed over the unknown key "${key}"${meant}`;
  });
}

/** What whoever made the file may not have meant. */
function remarksOn(world: World, tasks: readonly ReadTask[]): string[] {
  const remarks: string[] = [];
  const unnamed = tasks.filter(({ unknown }) => unknown !== null);
  if (unnamed.length > 0) {
    const { place, unknown } = unnamed[0]!;
    remarks.push(
      `${place}: left out what "${unknown}" makes of the task, for the first line does not name it ` +
        `(${countTasks(unnamed.length, "has", "have")} such outcomes)`,
    );
  }
  const lost = tasks.filter(({ task: { capability, outcomes } }) =>
    !world.agents.some((agent) => outcomes.has(agent.name) && offers(world, agent, capability))
  );
  if (lost.length > 0) {
    const { place, task: { capability } } = lost[0]!;
    remarks.push(
      `${place}: found no agent that offers "${capability}" and has an outcome ` +
        `(${countTasks(lost.length, "can", "can")} be taken by nobody)`,
    );
  }
  return remarks;
}

function countTasks(count: number, one: string, many: string): string {
  return count === 1 ? `1 task ${one}` : `${count} tasks ${many}`;
}

interface ReadTask {
  task: WorldTask;
  place: string;
  /** An agent with an outcome that the file does not name. */
  unknown: string | null;
  strange: StrangeKey[];
}

function readTasks(
  lines: readonly { line: string; place: string; number: number }[],
  agents: ReadonlyMap<string, WorldAgent>,
): ReadTask[] {
  const ids = new Set<string>();
  let before = -BETWEEN_TASKS_MS;
  const tasks = lines.map(({ line, place, number }) => {
    const parsed = parseLine(TASK, line, place);
    const { id, capability, text, at, outcomes } = parsed;
    const name = String(id ?? number);
    if (ids.has(name)) throw wrong(place, `a task before has the id "${name}" too`);
    ids.add(name);
    before = at ?? before + BETWEEN_TASKS_MS;
    const known = readOutcomes(outcomes ?? new Map(), agents);
    const task = { id: name, capability, text: text ?? "", at: before, outcomes: known };
    const unknown = [...outcomes?.keys() ?? []].find((agent) => !agents.has(agent)) ?? null;
    const strange = strangeKeys(parsed, TASK, place);
    for (const outcome of outcomes?.values() ?? []) {
      if (outcome !== null) strange.push(...strangeKeys(outcome, OUTCOME, place));
    }
    return { task, place, unknown, strange };
  });
  return tasks.sort((a, b) => a.task.at - b.task.at);
}

function readOutcomes(
  outcomes: ReadonlyMap<string, z.infer<typeof OUTCOME> | null>,
  agents: ReadonlyMap<string, WorldAgent>,
): Map<string, Outcome> {
  const known = new Map<string, Outcome>();
  for (const [name, outcome] of outcomes) {
    const agent = agents.get(name);
    if (agent === undefined || outcome === null) continue;
    known.set(name, {
      isSuccess: Number(outcome.success) >= 0.5,
      latencyMs: outcome.latencyMs ?? 0,
      costUsd: outcome.cost ?? agent.costUsd,
    });
  }
  return known;
}

function parseLine<T>(schema: z.ZodType<T>, line: string, place: string): T {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw wrong(place, (error as Error).message);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const where = issue.path.join(".") || "the line";
  throw wrong(place, `${where}: ${issue.message}`);
}

function wrong(place: string, reason: string): InvalidInputError {
  return new InvalidInputError("INVALID_INPUT", {
    message: `Could not read a line of the world at ${place}: ${reason}`,
    hint: 'The first line is {"agents":[{"name","capabilities":[…],"cost","concurrency",' +
      '"claim"}],"isA":{"NARROWER":["WIDER"]}}, each other one {"id","capability","text","at",' +
      '"outcomes":{"AGENT":{"success","latencyMs","cost"}}}',
  });
}
