import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseWorkflow } from "../workflows/parse.ts";
import { ESTIMATE_SOURCES, toWarmUpFile, toWorkflowFile } from "./dag_workflow.ts";
import { readInstance } from "./workflow_instance.ts";

const INSTANCE = fileURLToPath(new URL("instances/fork_join.json", import.meta.url));

Deno.test("toWorkflowFile() gives a valid workflow with the recorded ids and edges", async () => {
  const instance = await readInstance(INSTANCE);
  for (const source of ESTIMATE_SOURCES) {
    const file = toWorkflowFile(instance, { workers: 3, scale: 0.5, source });
    const { definition, issues } = parseWorkflow(JSON.stringify(file), { file: "replay.json" });
    assert.deepEqual(issues, []);
    const { tasks, concurrency, agents } = definition!;
    assert.equal(concurrency, 3);
    assert.deepEqual(agents[0]!.replicas, { min: 3, max: 3 });
    const originals = tasks.map((task) => task.with as { recordedId: string; ms: number });
    assert.deepEqual(originals.map((each) => each.recordedId), instance.tasks.map((t) => t.id));
    assert.deepEqual(originals.map((each) => each.ms), instance.tasks.map((t) => t.runtimeS * 500));
    const needs = tasks.map((task) => task.needs);
    assert.deepEqual(needs, instance.tasks.map((t) => t.parents.map((i) => tasks[i]!.id)));
  }
});

Deno.test("toWorkflowFile() estimates nothing, the kind's mean, or the recorded time", async () => {
  const instance = await readInstance(INSTANCE);
  const estimates = ESTIMATE_SOURCES.map((source) => {
    const file = toWorkflowFile(instance, { workers: 2, scale: 1, source });
    const { definition } = parseWorkflow(JSON.stringify(file), { file: "replay.json" });
    return definition!.tasks.slice(1, 4).map((task) => task.estimateMs);
  });
  assert.deepEqual(estimates, [
    [undefined, undefined, undefined],
    [5550, 5550, 5550],
    [9000, 3500, 7250],
  ]);
});

Deno.test("toWarmUpFile() is a valid workflow", () => {
  const { issues } = parseWorkflow(JSON.stringify(toWarmUpFile(4)), { file: "warm_up.json" });
  assert.deepEqual(issues, []);
});
