/**
 * `deno run -A --v8-flags=--expose-gc bench/assign_memory.ts COUNT`: what graph and evidence of so
 * many solved tasks take, before and after the first question by words, and what the same attempts
 * are as text; a process of its own.
 *
 * @module
 */
import { Evidence } from "../actors/assignment/mod.ts";
import { finish, KnowledgeGraph } from "../actors/knowledge/mod.ts";
import { solvedTasks } from "./solved_tasks.ts";

const MB = 1024 * 1024;
const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error("Run it with --v8-flags=--expose-gc");

function usedMb(): number {
  gc!();
  gc!();
  const { heapUsed, external } = Deno.memoryUsage();
  return (heapUsed + external) / MB;
}

const [graph, evidence] = [new KnowledgeGraph(), new Evidence()];
const before = usedMb();
let chars = 0;
for (const fact of solvedTasks(Number(Deno.args[0]), 1)) {
  chars += JSON.stringify(fact).length;
  // As read from a journal: nothing of it is shared with anybody.
  const own = JSON.parse(JSON.stringify(fact));
  graph.add(own);
  evidence.add(own);
}
const ofBothMb = usedMb() - before;
finish(graph.inSteps.prepareTexts());
const withTextsMb = usedMb() - before;
// Both are asked something, so that they are still there when they are counted.
const [known, { tasks }] = [graph.stats().facts, evidence.record("nobody", "nothing", Date.now())];
console.log(JSON.stringify({ ofBothMb, withTextsMb, asTextMb: chars / MB, known: known + tasks }));
