/**
 * Measures the graph of solved tasks by hand: `deno run -A --v8-flags=--expose-gc bench/knowledge.ts
 * [TASKS] [TEXTS]`. Update, memory, searches, views and exports at 100,000 tasks, and what an update
 * takes when each one has to forget another.
 */
import { cpuUsage } from "node:process";
import type { AttemptFact } from "../core/assignment.ts";
import { exportGraph, KnowledgeGraph } from "../actors/knowledge/mod.ts";

const [tasks = 100_000, texts = 100_000] = Deno.args.map(Number);
const AGENTS = 100;
const CAPABILITIES = 20;

let seed = 1;
function draw(below: number, power = 1): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) ** power * below);
}

function word(power: number): string {
  return `w${draw(5_000, power).toString(36)}`;
}

function factOf(number: number): AttemptFact {
  const same = number % texts;
  const tail = Array.from({ length: 6 }, () => word(3)).join(" ");
  return {
    runId: `01KAM${number.toString(36).toUpperCase().padStart(21, "0")}`,
    task: "measure",
    index: 0,
    attempt: 1,
    workflow: "audit",
    tenant: number % 3 === 0 ? "acme" : null,
    agent: `counter-${draw(AGENTS)}@1.0.0`,
    capability: `code.measure.${number % CAPABILITIES}`,
    codeHash: "0123456789abcdef",
    text: `measure typescript src/${word(2)}/${same}.ts ${texts < tasks ? "" : tail}`,
    inputHash: number.toString(16).padStart(32, "0"),
    startedAt: 1_700_000_000_000 + number * 100,
    finishedAt: 1_700_000_000_000 + number * 100 + 50,
    outcome: draw(10) === 0 ? "failed" : "completed",
    code: null,
    costUsd: 0.001,
    output: { lines: draw(10_000), file: `src/${number}.ts`, words: [word(1), word(1), word(1)] },
    bid: null,
  };
}

function time<T>(name: string, times: number, work: (at: number) => T): T {
  let result!: T;
  const all: number[] = [];
  const before = cpuUsage();
  for (let at = 0; at < times; at++) {
    const startedAt = performance.now();
    result = work(at);
    all.push(performance.now() - startedAt);
  }
  all.sort((a, b) => a - b);
  const mean = all.reduce((sum, ms) => sum + ms, 0) / times;
  const p99 = all[Math.min(Math.ceil(times * 0.99) - 1, times - 1)]!;
  const used = cpuUsage(before);
  const cpu = (used.user + used.system) / 1_000 / times;
  console.log(
    `${name}: CPU ${cpu.toFixed(4)} ms, mean ${mean.toFixed(4)} ms, p99 ${p99.toFixed(3)} ms`,
  );
  return result;
}

function heapMb(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed / 1e6;
}

const graph = new KnowledgeGraph({ factsMax: tasks });
const before = heapMb();
time("add", tasks, (at) => graph.add(factOf(at)));
console.log(`memory: ${(heapMb() - before).toFixed(0)} MB`, graph.stats());
time("add, forgetting another", 20_000, (at) => graph.add(factOf(tasks + at)));
const all = { tenant: undefined };
const newest = factOf(tasks + 19_999);
time("similar", 50, () => graph.similar(factOf(tasks + draw(20_000)).text, { ...all, limit: 10 }));
time(
  "similar, common words",
  20,
  () => graph.similar("measure typescript src", { ...all, limit: 10 }),
);
time("recall", 50, () => graph.recall(factOf(tasks + draw(20_000)).text, { ...all, limit: 5 }));
const query = {
  agents: Array.from({ length: AGENTS }, (_, at) => ({
    id: `counter-${at}@1.0.0`,
    codeHash: "0123456789abcdef",
  })),
  capability: newest.capability!,
  inputHash: newest.inputHash!,
  text: newest.text,
  tenant: "acme",
  now: newest.finishedAt,
  maxAgeMs: 1e9,
};
time("reusable, same input", 1_000, () => graph.reusable({ ...query, minSimilarity: 1 }));
time(
  "reusable, alike",
  50,
  (at) => graph.reusable({ ...query, inputHash: `other ${at}`, minSimilarity: 0.8 }),
);
time("search, words", 50, () => graph.search(`${word(2)} ${word(2)}`, all));
time("search, beginning", 20, () => graph.search("measu", all));
time("search, name", 20, () => graph.search("counter-7", all));
const id = `agent:${newest.agent}`;
time("node, agent", 20, () => graph.node(id, all));
time("neighbours, agent", 20, () => graph.neighbours(id, { ...all, limit: 200 }));
time(
  "neighbours, capability, depth 2",
  10,
  () => graph.neighbours(`capability:${newest.capability}`, { ...all, depth: 2, limit: 500 }),
);
time(
  "path",
  10,
  (at) => graph.path(`agent:counter-${at}@1.0.0`, `capability:${newest.capability}`, all),
);
time("sample", 10, () => graph.sample({ ...all, limit: 200 }));
time("stats", 10, () => graph.stats());
time("stats, tenant", 10, () => graph.stats({ tenant: "acme" }));
time("forget a run", 50, (at) => graph.forget(factOf(tasks + at).runId));
for (const format of ["json", "graphml", "gexf"] as const) {
  const text = time(`export ${format}`, 1, () => exportGraph(graph, format));
  console.log(`  ${(text.length / 1e6).toFixed(0)} MB`);
}
