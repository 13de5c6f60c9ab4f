import * as assert from "node:assert/strict";
import fc from "fast-check";
import {
  bottomLevels,
  findCycles,
  type GraphTask,
  topologicalOrder,
  transitiveNeeds,
} from "./graph.ts";

/** Graphs of up to nine tasks; with `isAcyclic`, needs only point back. */
function graphs(options: { isAcyclic: boolean }): fc.Arbitrary<GraphTask[]> {
  return fc.integer({ min: 0, max: 9 }).chain((size) =>
    fc.tuple(...Array.from({ length: size }, (_, i) =>
      fc.record({
        needs: fc.subarray(
          Array.from({ length: options.isAcyclic ? i : size }, (_, j) => `t${j}`),
          { maxLength: Math.min(3, options.isAcyclic ? i : size) },
        ),
        estimateMs: fc.integer({ min: 1, max: 50 }),
      }))).map((drafts) => drafts.map((draft, i) => ({ id: `t${i}`, ...draft })))
  );
}

/** Whether `to` can be reached from `from` by needs, by trying everything. */
function reaches(tasks: GraphTask[], from: string, to: string, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const needs = tasks.find((task) => task.id === from)!.needs;
  return needs.some((need) => need === to || reaches(tasks, need, to, seen));
}

Deno.test("topologicalOrder() puts every task after its needs", () => {
  fc.assert(fc.property(graphs({ isAcyclic: true }), (tasks) => {
    const order = topologicalOrder(tasks)!;
    assert.deepEqual([...order].sort(), tasks.map((task) => task.id).sort());
    for (const task of tasks) {
      for (const need of task.needs) assert.ok(order.indexOf(need) < order.indexOf(task.id));
    }
  }));
});

Deno.test("topologicalOrder() keeps the order of the file where needs leave it open", () => {
  const tasks = ["c", "a", "b"].map((id) => ({ id, needs: [] }));
  assert.deepEqual(topologicalOrder(tasks), ["c", "a", "b"]);
});

Deno.test("findCycles() agrees with brute force on which tasks wait for themselves", () => {
  fc.assert(fc.property(graphs({ isAcyclic: false }), (tasks) => {
    const cycles = findCycles(tasks);
    for (const cycle of cycles) {
      assert.equal(cycle[0], cycle.at(-1));
      for (const [i, id] of cycle.slice(1).entries()) {
        assert.ok(tasks.find((task) => task.id === cycle[i])!.needs.includes(id), cycle.join());
      }
      assert.equal(new Set(cycle).size, cycle.length - 1);
    }
    // One cycle for each class of tasks that reach each other.
    const looping = tasks.filter(({ id }) => reaches(tasks, id, id)).map(({ id }) => id);
    const classes = new Set(
      looping.map((id) =>
        looping.filter((other) =>
          other === id || (reaches(tasks, id, other) && reaches(tasks, other, id))
        ).join()
      ),
    );
    assert.equal(cycles.length, classes.size);
    assert.equal(topologicalOrder(tasks) === null, looping.length > 0);
  }));
});

Deno.test("transitiveNeeds() agrees with brute force", () => {
  fc.assert(fc.property(graphs({ isAcyclic: false }), (tasks) => {
    for (const { id } of tasks) {
      const wanted = tasks.map((task) => task.id).filter((other) => reaches(tasks, id, other));
      assert.deepEqual([...transitiveNeeds(tasks, id)].sort(), wanted.sort());
    }
  }));
});

Deno.test("bottomLevels() is the longest of all ways to the end", () => {
  const longest = (tasks: GraphTask[], id: string): number => {
    const dependents = tasks.filter((task) => task.needs.includes(id));
    const own = tasks.find((task) => task.id === id)!.estimateMs!;
    return own + Math.max(0, ...dependents.map((task) => longest(tasks, task.id)));
  };
  fc.assert(fc.property(graphs({ isAcyclic: true }), (tasks) => {
    const levels = bottomLevels(tasks);
    for (const { id } of tasks) assert.equal(levels.get(id), longest(tasks, id));
  }));
});

Deno.test("bottomLevels() weighs a task without an estimate as the mean of the others", () => {
  const levels = bottomLevels([
    { id: "a", needs: [], estimateMs: 10 },
    { id: "b", needs: ["a"] },
    { id: "c", needs: ["b"], estimateMs: 30 },
  ]);
  assert.deepEqual([...levels], [["a", 60], ["b", 50], ["c", 30]]);
  assert.deepEqual([...bottomLevels([{ id: "a", needs: [] }])], [["a", 1]]);
});

Deno.test("the graph functions take a chain and a ring of 20,000 tasks", () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => ({
    id: `t${i}`,
    needs: i === 0 ? [] : [`t${i - 1}`],
  }));
  assert.equal(topologicalOrder(chain)?.length, 20_000);
  assert.equal(bottomLevels(chain).get("t0"), 20_000);
  assert.equal(transitiveNeeds(chain, "t19999").size, 19_999);
  assert.deepEqual(findCycles(chain), []);
  const ring = [{ id: "t0", needs: ["t19999"] }, ...chain.slice(1)];
  assert.equal(findCycles(ring)[0]?.length, 20_001);
  assert.equal(topologicalOrder(ring), null);
});
