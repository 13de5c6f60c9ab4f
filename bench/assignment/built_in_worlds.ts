/**
 * Worlds made from a seed. Each has one difficulty; the figures in it are not those of any policy.
 *
 * @module
 */
import { SeededRandom } from "../../tests/seeded_random.ts";
import { TOPICS, writeText } from "./topics.ts";
import { type Outcome, treeOf, type World, type WorldAgent, type WorldTask } from "./world.ts";

/** How a world differs from the plain one. */
interface Recipe {
  /** What is hard about it, for people. */
  about: string;
  agents: number;
  capabilities: string[];
  tasks: number;
  /** Capabilities that each agent offers. */
  offered: number;
  /** Mean time between two arrivals. */
  betweenMs: number;
  concurrency: number;
  /** Price of an attempt in US dollars; up to two cents when left out. */
  costUsd?(random: SeededRandom): number;
  isA?: Readonly<Record<string, readonly string[]>>;
  /** Makes what decides of success, from draws that belong to this world. */
  quality(random: SeededRandom, world: { agents: WorldAgent[]; endAt: number }): Quality;
  claim?(random: SeededRandom, agent: number): number;
}

/** Share of successes of an agent at a task; `null`: it cannot take it. */
type Quality = (agent: number, task: Omit<WorldTask, "outcomes"> & { topic: string }) =>
  | number
  | null;

const CAPABILITIES = ["code.measure", "text.review", "data.query"];
const PLAIN = {
  agents: 10,
  capabilities: CAPABILITIES,
  tasks: 2_000,
  offered: 3,
  betweenMs: 400,
  concurrency: 4,
};
/** Four of the plain one side by side: differences between policies show in fewer seeds. */
const WIDE = {
  ...PLAIN,
  agents: 40,
  capabilities: Array.from({ length: 12 }, (_, i) => `work.kind${i}`),
  tasks: 8_000,
  betweenMs: 100,
};
const NARROWER = {
  "code.measure.go": ["code.measure"],
  "code.measure.rust": ["code.measure"],
  "code.measure.python": ["code.measure"],
  "text.review.legal": ["text.review"],
  "text.review.style": ["text.review"],
  "text.review.facts": ["text.review"],
};

/** An agent that is out fails at once. */
const OUTAGE_LATENCY_MS = 50;

const RECIPES: Readonly<Record<string, Recipe>> = {
  stationary: { ...WIDE, about: "each agent as good as ever", quality: fixed },
  drifting: { ...WIDE, about: "each agent gets better and worse", quality: drifting },
  switching: { ...PLAIN, about: "agents change at once, thrice", quality: switching },
  bursty: { ...WIDE, about: "agents are out for a minute or some", quality: bursty },
  newcomers: { ...WIDE, agents: 48, about: "half of the agents come later", quality: newcomers },
  boasters: {
    ...PLAIN,
    about: "half of the agents promise what they do not keep",
    quality: fixed,
    claim: (random) => 0.85 + 0.15 * random.next(),
  },
  topics: { ...PLAIN, about: "agents are good at topics, told by words", quality: byTopic },
  kin: {
    ...PLAIN,
    capabilities: ["code.measure", "text.review", ...Object.keys(NARROWER)],
    offered: 8,
    tasks: 600,
    isA: NARROWER,
    about: "few tasks for each of two capabilities and of three that are narrower than each",
    quality: byKind,
  },
  busy: { ...PLAIN, betweenMs: 150, concurrency: 1, about: "places are scarce", quality: fixed },
  many: {
    ...PLAIN,
    agents: 120,
    capabilities: Array.from({ length: 12 }, (_, i) => `work.kind${i}`),
    tasks: 6_000,
    about: "120 agents, 30 for each of 12 capabilities",
    quality: fixed,
  },
  routing: {
    ...PLAIN,
    agents: 20,
    capabilities: [
      "math",
      "code",
      "trivia",
      "law",
      "medicine",
      "science",
      "writing",
      "translation",
    ],
    offered: 8,
    tasks: 4_000,
    costUsd: (random) => 0.0002 * 100 ** random.next(),
    about: "tasks that are hard for all or easy for all; prices differ a hundredfold",
    quality: byDifficulty,
  },
  hard: { ...PLAIN, about: "agents succeed at one task in ten", quality: seldom },
  sparse: { ...PLAIN, tasks: 150, about: "few tasks", quality: fixed },
  nobody: { ...PLAIN, about: "one task in ten that nobody can take", quality: withGaps },
};

/** Names of the built-in worlds, with what is hard about each. */
export const WORLDS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(RECIPES).map(([name, { about }]) => [name, about]),
);

/** Makes a built-in world; the same name and seed make the same one. */
export function buildWorld(name: string, seed: number): World {
  const recipe = RECIPES[name]!;
  const random = new SeededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ name.length * 0x85ebca6b);
  const tree = treeOf(recipe.isA ?? {});
  const agents = Array.from({ length: recipe.agents }, (_, i) => buildAgent(recipe, i, random));
  const arrivals = drawArrivals(recipe, random);
  const endAt = arrivals.at(-1)!;
  const quality = recipe.quality(random, { agents, endAt });
  const speeds = agents.map(() => 200 + 1_800 * random.next());
  const topics = Object.keys(TOPICS);
  const tasks = arrivals.map((at, i) => {
    const topic = random.pick(topics);
    const text = writeText(topic, random);
    const ask = { id: `t${i}`, capability: random.pick(recipe.capabilities), text, at, topic };
    const outcomes = new Map<string, Outcome>();
    for (const [k, { name, costUsd, capabilities }] of agents.entries()) {
      if (!capabilities.some((own) => tree.isNarrower(own, ask.capability))) continue;
      const outcome = drawOutcome(quality(k, ask), speeds[k]!, costUsd, random);
      if (outcome !== null) outcomes.set(name, outcome);
    }
    return { id: ask.id, capability: ask.capability, text, at, outcomes };
  });
  return { name, agents, tasks, tree };
}

function buildAgent(recipe: Recipe, position: number, random: SeededRandom): WorldAgent {
  const { capabilities, offered, concurrency, claim } = recipe;
  // Each capability has as many agents as any other.
  const own = Array.from(
    { length: offered },
    (_, k) =>
      capabilities[
        (position + k * Math.ceil(capabilities.length / offered)) %
        capabilities.length
      ]!,
  );
  return {
    name: `agent-${position}`,
    capabilities: [...new Set(own)],
    costUsd: recipe.costUsd?.(random) ?? Math.round(random.next() * 20) / 1_000,
    concurrency,
    ...(claim === undefined ? {} : { claim: claim(random, position) }),
  };
}

/** Instants of a Poisson process. */
function drawArrivals({ tasks, betweenMs }: Recipe, random: SeededRandom): number[] {
  let at = 0;
  return Array.from(
    { length: tasks },
    () => at += Math.round(-Math.log(1 - random.next()) * betweenMs),
  );
}

function drawOutcome(
  quality: number | null,
  speedMs: number,
  costUsd: number,
  random: SeededRandom,
): Outcome | null {
  // Drawn in any case, so that one agent's gap does not shift another's draws.
  const [luck, pace] = [random.next(), random.next()];
  if (quality === null) return null;
  const isOut = quality === 0;
  const latencyMs = isOut ? OUTAGE_LATENCY_MS : Math.round(speedMs * (0.5 + pace));
  return { isSuccess: luck < quality, latencyMs, costUsd: isOut ? 0 : costUsd };
}

/** A share for each agent and capability, anywhere from 0.3 to 0.95. */
function fixed(random: SeededRandom): Quality {
  const share = table(random, (draw) => 0.3 + 0.65 * draw.next());
  return (agent, { capability }) => share(agent, capability);
}

/** Shares swing around a middle of their own, once or twice in the time of the world. */
function drifting(random: SeededRandom, { endAt }: { endAt: number }): Quality {
  const wave = table(random, (draw) => ({
    middle: 0.45 + 0.3 * draw.next(),
    height: 0.15 + 0.25 * draw.next(),
    turns: 1 + draw.next(),
    phase: draw.next(),
  }));
  return (agent, { capability, at }) => {
    const { middle, height, turns, phase } = wave(agent, capability);
    const share = middle + height * Math.sin(2 * Math.PI * (turns * at / endAt + phase));
    return Math.min(0.97, Math.max(0.03, share));
  };
}

/** As `fixed`, drawn anew for all agents at once after each quarter. */
function switching(random: SeededRandom, { endAt }: { endAt: number }): Quality {
  const quarters = [0, 1, 2, 3].map(() => fixed(random));
  return (agent, task) => quarters[Math.min(3, Math.floor(4 * task.at / endAt))]!(agent, task);
}

/** As `fixed`, with outages of 30 to 120 s at any time, for 5 minutes of work each. */
function bursty(
  random: SeededRandom,
  { agents, endAt }: { agents: WorldAgent[]; endAt: number },
): Quality {
  const share = fixed(random);
  const outages = agents.map(() => {
    const spans: [from: number, to: number][] = [];
    let at = 0;
    while (at < endAt) {
      const from = at - Math.log(1 - random.next()) * 300_000;
      at = from + 30_000 + 90_000 * random.next();
      spans.push([from, at]);
    }
    return spans;
  });
  return (agent, task) =>
    outages[agent]!.some(([from, to]) => from <= task.at && task.at < to) ? 0 : share(agent, task);
}

/** As `fixed`; every other agent comes at some time in the first two thirds. */
function newcomers(
  random: SeededRandom,
  { agents, endAt }: { agents: WorldAgent[]; endAt: number },
): Quality {
  const share = fixed(random);
  const comesAt = agents.map((_, i) => i % 2 === 0 ? 0 : endAt * (0.1 + 0.55 * random.next()));
  return (agent, task) => task.at < comesAt[agent]! ? null : share(agent, task);
}

/** Each agent is good at three topics, and hardly at the others. */
function byTopic(random: SeededRandom, { agents }: { agents: WorldAgent[] }): Quality {
  const topics = Object.keys(TOPICS);
  const strong = agents.map((_, i) =>
    new Set([0, 1, 2].map((k) => topics[(i + k * 3) % topics.length]!))
  );
  const shift = table(random, (draw) => 0.1 * draw.next());
  return (agent, { capability, topic }) =>
    (strong[agent]!.has(topic) ? 0.85 : 0.4) + shift(agent, capability);
}

/** What an agent is at a kind of work it nearly is at all that is narrower. */
function byKind(random: SeededRandom): Quality {
  const share = table(random, (draw) => 0.3 + 0.6 * draw.next());
  const shift = table(random, (draw) => 0.1 * draw.next() - 0.05);
  return (agent, { capability }) =>
    share(agent, capability.split(".").slice(0, 2).join(".")) + shift(agent, capability);
}

/** As `fixed`, from 0.01 to 0.2. */
function seldom(random: SeededRandom): Quality {
  const share = table(random, (draw) => 0.01 + 0.19 * draw.next());
  return (agent, { capability }) => share(agent, capability);
}

/**
 * Ability against difficulty, as of items in a test (G. Rasch, 1960): what is hard for one agent is so
 * for the others. Dearer agents are abler on the whole, and each has kinds of work that suit it.
 */
function byDifficulty(random: SeededRandom, { agents }: { agents: WorldAgent[] }): Quality {
  const ability = agents.map(({ costUsd }) => Math.log10(costUsd) + 3 + 2 * random.next());
  const suits = table(random, (draw) => 1.5 * draw.next());
  const kind = table(random, (draw) => 0.5 + 2 * draw.next());
  const task = table(random, (draw) => 3 * (draw.next() + draw.next() - 1));
  return (agent, { capability, id }) => {
    const odds = ability[agent]! + suits(agent, capability) - kind(0, capability) - task(0, id);
    return 1 / (1 + Math.exp(-2 * odds));
  };
}

/** As `fixed`; some tasks fit nobody, others one agent in two. */
function withGaps(random: SeededRandom): Quality {
  const share = fixed(random);
  return (agent, task) => {
    const position = Number(task.id.slice(1));
    const isGap = position % 10 === 3 || position % 10 === 7 && agent % 2 === 0;
    return isGap ? null : share(agent, task);
  };
}

/** Values for pairs of agent and capability, drawn when first asked for, whatever the order. */
function table<T>(
  random: SeededRandom,
  draw: (random: SeededRandom) => T,
): (agent: number, capability: string) => T {
  const salt = random.int(0, 0x7fffffff);
  const known = new Map<string, T>();
  return (agent, capability) => {
    const key = `${agent} ${capability}`;
    if (!known.has(key)) known.set(key, draw(new SeededRandom(salt ^ hashOf(key))));
    return known.get(key)!;
  };
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash, 31) + text.charCodeAt(i) | 0;
  return Math.imul(hash, 0x9e3779b1);
}
