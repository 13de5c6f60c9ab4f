import assert from "node:assert/strict";
import { TestTree } from "../../tests/supervision_kit.ts";
import { type Shutdown, wanted } from "./mod.ts";

const actor = (id: string, shutdownMs?: Shutdown) => ({ actor: "x", key: id, id, shutdownMs });

Deno.test("wanted() names an actor to start with its place and its incarnation", () => {
  const tree = new TestTree({ name: "top", children: [actor("a")] });
  tree.when({ type: "Start" });
  assert.deepEqual(tree.effects, [
    { type: "start", id: "a", path: ["top", "a"], actor: "x", key: "a", incarnation: 2 },
  ]);
  tree.started("a");
  assert.deepEqual(wanted(tree.state), { effects: [], wakeAt: null, ending: null });
});

Deno.test("wanted() says when an actor that was asked to stop is killed", () => {
  for (const [shutdownMs, killAt] of [[700, 1_700], ["kill", 1_000], ["infinity", null]] as const) {
    const tree = new TestTree({ name: "top", children: [actor("a", shutdownMs)] });
    tree.start();
    tree.at = 1_000;
    tree.when({ type: "Stop" });
    const [effect] = tree.effects;
    assert.ok(effect?.type === "stop");
    assert.deepEqual([effect.shutdownMs, effect.killAt], [shutdownMs, killAt]);
  }
});

Deno.test("wanted() kills what is left below a supervisor when its own time is over", () => {
  const tree = new TestTree({
    name: "top",
    children: [{
      supervisor: { name: "pool", children: [actor("a"), actor("b", "infinity")] },
      shutdownMs: 300,
    }],
  });
  tree.start();
  tree.when({ type: "Stop" });
  const killAt = () => tree.effects.map((effect) => effect.type === "stop" ? effect.killAt : null);
  assert.deepEqual(killAt(), [300]);
  tree.at = 200;
  tree.exited("b");
  assert.deepEqual(killAt(), [300]);
});

Deno.test("wanted() kills earlier when the stop of the tree is urgent", () => {
  const tree = new TestTree({ name: "top", children: [actor("a", "infinity")] });
  tree.start();
  tree.when({ type: "Stop" });
  const killAt = () => tree.effects.map((effect) => effect.type === "stop" ? effect.killAt : null);
  assert.deepEqual(killAt(), [null]);
  tree.when({ type: "Stop", shutdownMs: 100 });
  assert.deepEqual(killAt(), [100]);
  assert.deepEqual(tree.when({ type: "Stop", shutdownMs: 9_000 }), []);
  assert.deepEqual(killAt(), [100]);
});

Deno.test("wanted() wakes for the child that is due first", () => {
  const tree = new TestTree({
    name: "top",
    delay: { initialMs: 1_000 },
    children: [actor("a"), actor("b")],
  });
  tree.start();
  assert.equal(wanted(tree.state).wakeAt, null);
  tree.crashed("a");
  tree.at = 100;
  tree.crashed("b");
  assert.equal(wanted(tree.state).wakeAt, 750);
  tree.at = 750;
  tree.when({ type: "FireTimers" });
  // While "a" starts, its supervisor starts nothing else.
  assert.equal(wanted(tree.state).wakeAt, null);
  tree.started("a");
  assert.equal(wanted(tree.state).wakeAt, 850);
  tree.when({ type: "Stop" });
  assert.equal(wanted(tree.state).wakeAt, null);
});

Deno.test("wanted() says how the tree ended", () => {
  const tree = new TestTree({ name: "top", intensity: { restarts: 0 }, children: [actor("a")] });
  tree.start();
  tree.crashed("a");
  const { ending } = wanted(tree.state);
  assert.ok(ending?.type === "gave_up");
  assert.equal(ending.child, "a");
  assert.deepEqual(ending.error, {
    code: "RESTART_INTENSITY",
    message: 'Cannot keep "a" running: more than 0 restarts in 5000 ms',
    details: { child: "a", code: "BOOM", message: "boom" },
  });
});
