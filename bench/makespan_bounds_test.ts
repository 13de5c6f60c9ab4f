import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { listScheduleS, lowerBoundS, upperBoundS } from "./makespan_bounds.ts";
import { type InstanceTask, readInstance } from "./workflow_instance.ts";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
/** Rounding of sums. */
const EPSILON = 1e-9;

/** Acyclic: a task waits only for tasks before it. */
function instances(tasksMax: number): fc.Arbitrary<InstanceTask[]> {
  const draft = fc.record({
    parents: fc.uniqueArray(fc.nat(tasksMax), { maxLength: 3 }),
    runtimeS: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400 }).map((n) => n / 4)),
  });
  return fc.array(draft, { minLength: 1, maxLength: tasksMax }).map((drafts) =>
    drafts.map(({ parents, runtimeS }, i) => ({
      id: `t${i}`,
      kind: "t",
      parents: parents.filter((parent) => parent < i),
      runtimeS,
    }))
  );
}

const workers = fc.constantFrom(1, 2, 3, 4, 8);

function* permutations(count: number, chosen: number[] = []): Generator<number[]> {
  if (chosen.length === count) return yield chosen;
  for (let i = 0; i < count; i++) {
    if (!chosen.includes(i)) yield* permutations(count, [...chosen, i]);
  }
}

Deno.test("lowerBoundS() and upperBoundS() enclose the best schedule, found by trying all", () => {
  fc.assert(fc.property(instances(5), workers, (tasks, m) => {
    // One of the list schedules is always among the best.
    const best = permutations(tasks.length)
      .reduce((least, order) => Math.min(least, listScheduleS(tasks, m, order)), Infinity);
    assert.ok(lowerBoundS(tasks, m) <= best + EPSILON);
    assert.ok(best <= upperBoundS(tasks, m) + EPSILON);
  }));
});

Deno.test("listScheduleS() keeps to Graham's bound in whatever order tasks start", () => {
  fc.assert(fc.property(instances(30), workers, fc.infiniteStream(fc.nat(9)), (tasks, m, draws) => {
    const priorities = tasks.map(() => draws.next().value!);
    const length = listScheduleS(tasks, m, priorities);
    const work = tasks.reduce((sum, task) => sum + task.runtimeS, 0);
    const longestWay = upperBoundS(tasks, tasks.length);
    assert.ok(lowerBoundS(tasks, m) <= length + EPSILON);
    assert.ok(length <= work / m + (1 - 1 / m) * longestWay + EPSILON);
  }));
});

Deno.test("lowerBoundS() never grows with more workers and is exact for one", () => {
  fc.assert(fc.property(instances(20), (tasks) => {
    const bounds = [1, 2, 4, 8, 16].map((m) => lowerBoundS(tasks, m));
    for (const [i, bound] of bounds.slice(1).entries()) assert.ok(bound <= bounds[i]! + EPSILON);
    assert.ok(Math.abs(bounds[0]! - upperBoundS(tasks, 1)) < EPSILON);
  }));
});

Deno.test("upperBoundS() refuses tasks that wait for each other", () => {
  const tasks = [{ id: "a", kind: "a", parents: [1], runtimeS: 1 }, {
    id: "b",
    kind: "b",
    parents: [0],
    runtimeS: 1,
  }];
  assert.throws(() => upperBoundS(tasks, 2), /cycle/);
});

const hasPython = await new Deno.Command("python3", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "lowerBoundS() and upperBoundS() agree with the reference in Python",
  ignore: !hasPython,
  async fn() {
    const dir = await Deno.makeTempDir();
    try {
      const files = [path("instances/fork_join.json")];
      for (const [i, tasks] of fc.sample(instances(40), 40).entries()) {
        files.push(`${dir}/${i}.json`);
        await Deno.writeTextFile(files.at(-1)!, wfFormatOf(tasks));
      }
      const { stdout, success } = await new Deno.Command("python3", {
        args: [path("bounds.py"), ...files],
      }).output();
      assert.ok(success);
      const [head, ...rows] = new TextDecoder().decode(stdout).trimEnd().split("\n")
        .map((line) => line.split("\t"));
      assert.equal(rows.length, files.length);
      for (const [i, file] of files.entries()) await assertSameBounds(file, head!, rows[i]!);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
});

/** The reference prints two decimals. */
async function assertSameBounds(file: string, head: string[], row: string[]): Promise<void> {
  const { tasks } = await readInstance(file);
  for (const m of [1, 2, 4, 8, 16]) {
    const column = (name: string) => Number(row[head.indexOf(`${name}${m}`)]);
    assert.ok(Math.abs(column("LB") - lowerBoundS(tasks, m)) < 0.006, `LB${m} of ${row}`);
    assert.ok(Math.abs(column("UB") - upperBoundS(tasks, m)) < 0.006, `UB${m} of ${row}`);
  }
}

function wfFormatOf(tasks: readonly InstanceTask[]): string {
  const specification = {
    tasks: tasks.map(({ id, parents }, i) => ({
      id,
      name: id,
      parents: parents.map((parent) => tasks[parent]!.id),
      children: tasks.filter((task) => task.parents.includes(i)).map((task) => task.id),
    })),
  };
  const execution = {
    tasks: tasks.map(({ id, runtimeS }) => ({ id, runtimeInSeconds: runtimeS })),
  };
  return JSON.stringify({ schemaVersion: "1.5", workflow: { specification, execution } });
}
