import assert from "node:assert/strict";
import * as fc from "fast-check";
import {
  completeActorChild,
  type RestartType,
  type Strategy,
  type SupervisorInput,
} from "../../actors/supervision/mod.ts";
import { crash, EVENTS_TO_SEE, nodesOf, TestTree } from "../supervision_kit.ts";
import { viewTree } from "../../actors/supervision/mod.ts";
import { type Call, type Deed, OtpReference } from "./otp_reference.ts";

interface DrawnTree {
  strategy: Strategy;
  restarts: number;
  children: ({ restart: RestartType; below: DrawnTree | null })[];
}

const strategies = fc.constantFrom<Strategy>("one_for_one", "one_for_all", "rest_for_one");
const restartTypes = fc.constantFrom<RestartType>(
  "permanent",
  "permanent",
  "transient",
  "temporary",
);
/** Trees of up to `depth` further supervisors below one another. */
function treesOf(depth: number): fc.Arbitrary<DrawnTree> {
  const actor = fc.record({ restart: restartTypes, below: fc.constant(null) });
  const child = depth === 0 ? actor : fc.oneof(
    { weight: 3, arbitrary: actor },
    { weight: 2, arbitrary: fc.record({ restart: restartTypes, below: treesOf(depth - 1) }) },
  );
  return fc.record({
    strategy: strategies,
    restarts: fc.constantFrom(0, 1, 2, 3, 5, 8),
    children: fc.array(child, { minLength: 1, maxLength: 4 }),
  });
}

/** Names nodes in the order in which they start: `s1` … are supervisors, `a1` … actors. */
function inputOf(tree: DrawnTree): SupervisorInput {
  let count = 0;
  const supervisor = ({ strategy, restarts, children }: DrawnTree): SupervisorInput => ({
    name: `s${count++}`,
    strategy,
    intensity: { restarts, periodMs: 100 },
    children: children.map(({ restart, below }) =>
      below === null
        ? { id: `a${++count}`, actor: "x", key: `${count}`, restart }
        : { supervisor: supervisor(below), restart }
    ),
  });
  return supervisor(tree);
}

type Action =
  | { type: "work"; pick: number; fate: number }
  | { type: "pass"; ms: number }
  | { type: "call"; pick: number; kind: number }
  | { type: "stop" };

const picks = fc.nat(1_000);
const actions = fc.oneof(
  {
    weight: 80,
    arbitrary: fc.record({ type: fc.constant("work" as const), pick: picks, fate: fc.nat(99) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("pass" as const),
      ms: fc.constantFrom(1, 50, 99, 101),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant("call" as const), pick: picks, kind: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "stop" as const }) },
);
const scripts = fc.array(fc.noBias(actions), { minLength: 60, maxLength: 200, size: "max" });

/** The decider and the reference side by side: both see the same, both must do the same. */
class Pair {
  readonly tree: TestTree;
  reference: OtpReference;
  /** What was seen: types of events, calls with their answers. */
  readonly seen = new Set<string>();
  #seen = 0;
  #eventsSeen = 0;
  #added = 0;
  readonly #done: Deed[] = [];
  /** Of actors. */
  readonly #parents = new Map<string, string>();

  constructor(input: SupervisorInput) {
    this.tree = new TestTree(input);
    for (const { id, kind, parent } of this.tree.state.nodes.values()) {
      if (kind === "actor") this.#parents.set(id, parent!.id);
    }
    this.tree.when({ type: "Start" });
    this.reference = new OtpReference(this.tree.spec);
    this.compare();
  }

  act(action: Action): void {
    if (this.tree.ending !== null) {
      this.#startAgain();
    } else if (action.type === "pass") {
      this.tree.pass(action.ms);
      this.reference.now = this.tree.at;
    } else if (action.type === "stop") {
      this.tree.try({ type: "Stop" });
      this.reference.stop();
    } else if (action.type === "work") {
      this.#work(action.pick, action.fate);
    } else {
      this.#call(action.pick, action.kind);
    }
    this.compare();
  }

  #startAgain(): void {
    this.tree.when({ type: "Start" });
    this.reference = new OtpReference(this.tree.spec, this.tree.at);
    this.#done.length = 0;
    this.#seen = 0;
  }

  /** Some actor does what it is about to do, or fails to. */
  #work(pick: number, fate: number): void {
    const living = nodesOf(viewTree(this.tree.state))
      .filter(({ kind, status }) => kind === "actor" && /starting|running|stopping/.test(status))
      // Starts and stops first, or nothing would ever get done.
      .sort((a, b) => Number(a.status === "running") - Number(b.status === "running"));
    const isFirst = living[0]?.status !== "running" && fate < 80;
    const actor = living[isFirst ? 0 : pick % living.length];
    if (actor === undefined) return;
    const { id, status } = actor;
    if (status === "starting" && fate > 5) {
      this.tree.started(id);
      return this.reference.started(id);
    }
    const type = (["crash", "crash", "crash", "normal", "shutdown"] as const)[fate % 5]!;
    if (status === "starting" && fate % 2 === 0) this.tree.startFails(id);
    else this.tree.exited(id, type === "crash" ? crash() : { type });
    this.reference.ends(id, type);
  }

  #call(pick: number, kind: number): void {
    const nodes = nodesOf(viewTree(this.tree.state));
    const { id } = nodes[pick % nodes.length]!;
    const node = this.tree.state.nodes.get(id)!;
    if (node.parent === null && kind < 3) return;
    if (kind === 3) return this.#add(node.kind === "supervisor" ? id : node.parent!.id);
    const type = (["TerminateChild", "RestartChild", "DeleteChild"] as const)[kind]!;
    const call = (["terminate_child", "restart_child", "delete_child"] as const)[kind]!;
    const parent = node.parent!.id;
    this.#compareAnswers({ type: call, id }, parent, this.tree.try({ type, id }).rejection?.code);
  }

  #add(supervisor: string): void {
    const id = `n${++this.#added}`;
    const restart = (["permanent", "transient", "temporary"] as const)[this.#added % 3]!;
    const child = completeActorChild({ actor: "x", key: id, id, restart });
    const { rejection } = this.tree.try({ type: "StartChild", supervisor, child });
    this.#compareAnswers({ type: "start_child", spec: child }, supervisor, rejection?.code);
  }

  #compareAnswers(call: Call, supervisor: string, code: string | undefined): void {
    const answer = this.reference.call(supervisor, call);
    this.seen.add(`${call.type} ${answer}`);
    const expected = { ok: undefined, running: "CHILD_RUNNING", not_found: "CHILD_NOT_FOUND" };
    if (answer !== null) return assert.equal(code, expected[answer as keyof typeof expected]);
    assert.match(code!, /SUPERVISOR_BUSY|SUPERVISION_STOPPED/);
  }

  compare(): void {
    // Supervisors are concurrent: only what one of them does has an order.
    const { log } = this.reference;
    const byParent = (lines: readonly Deed[]) =>
      lines.slice(this.#seen).toSorted((a, b) => a.parent < b.parent ? -1 : +(a.parent > b.parent));
    assert.deepEqual(byParent(this.#deeds()), byParent(log));
    this.#seen = log.length;
    assert.deepEqual(this.living, this.reference.living);
    assert.equal(
      this.tree.ending?.type ?? null,
      this.reference.root.state === "dead" ? this.reference.root.exit : null,
    );
  }

  /** What the decider did to actors, as the reference logs it. */
  #deeds(): Deed[] {
    for (const event of this.tree.events.slice(this.#eventsSeen)) {
      this.seen.add(event.type);
      if (event.type === "ChildAdded") this.#parents.set(event.id, event.supervisor);
      const parent = this.#parents.get(event.id);
      if (parent === undefined) continue;
      if (event.type === "ChildStarting") this.#done.push({ parent, deed: `start ${event.id}` });
      if (event.type === "ChildStopping") this.#done.push({ parent, deed: `stop ${event.id}` });
    }
    this.#eventsSeen = this.tree.events.length;
    return this.#done;
  }

  /** By id. OTP has no word for a supervisor on its way down: it is what it was before. */
  get living(): Record<string, string> {
    const living = [...this.tree.state.nodes.values()]
      .filter(({ status }) => /starting|running|stopping/.test(status))
      .map(({ id, kind, status, startedAt }) => {
        if (kind === "actor" || status !== "stopping") return [id, status];
        return [id, startedAt === null ? "starting" : "running"];
      });
    return Object.fromEntries(living.sort());
  }
}

Deno.test("decide() starts and stops what OTP's supervisor does, in random trees", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(treesOf(2), scripts, (tree, script) => {
      const pair = new Pair(inputOf(tree));
      for (const action of script) pair.act(action);
      assert.deepEqual(viewTree(pair.tree.refold()), viewTree(pair.tree.state));
      for (const what of pair.seen) seen.add(what);
    }),
    { numRuns: 300 },
  );
  for (const what of EXPECTED) assert.ok(seen.has(what), `nothing led to ${what}`);
});

const EXPECTED = [
  ...EVENTS_TO_SEE,
  "delete_child running",
  "start_child ok",
];
