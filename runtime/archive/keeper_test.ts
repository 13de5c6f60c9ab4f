import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt, AttemptOutcome } from "../../actors/mod.ts";
import type { ArchivedRun, ArchiveStore } from "../../core/archive_ports.ts";
import type { Fence, Store } from "../../core/ports.ts";
import { definitionOf, type ShortTask } from "../../tests/decider_kit.ts";
import { SeededRandom } from "../../tests/seeded_random.ts";
import { drawWorkflow } from "../../tests/sim/run/random_workflow.ts";
import {
  compilePlan,
  createRunState,
  hasEnded,
  type Plan,
  type RetentionPolicy,
  type RunEvent,
} from "../../workflows/mod.ts";
import {
  createActiveRun,
  Partition,
  readHistory,
  recoverOpenRuns,
  recoverRun,
} from "../scheduler/mod.ts";
import { openRunLogBook } from "../logs/mod.ts";
import { openMemoryArchive, openMemoryDocumentStore, openMemoryStore } from "../store/mod.ts";
import { openKvStores } from "../store/mod.ts";
import { Keeper } from "./keeper.ts";

const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };

/** A node without cells: attempts are answered by the test, a moment later and in any order. */
class TestNode {
  readonly store: Store<RunEvent>;
  readonly archive: ArchiveStore<RunEvent>;
  readonly documents = openMemoryDocumentStore();
  readonly plans = new Map<string, Plan>();
  readonly agentKeys = new Map([["a", "a"], ["b", "b"]]);
  readonly random: SeededRandom;
  partition!: Partition;
  fence: Fence | null = null;
  lost: unknown = null;
  /** Attempts that were sent, by run and place. */
  readonly sent = new Map<string, Attempt>();
  #now = 1_000;

  constructor(store: Store<RunEvent>, archive: ArchiveStore<RunEvent>, seed = 1) {
    this.store = store;
    this.archive = archive;
    this.random = new SeededRandom(seed);
  }

  readonly loadPlan = (hash: string) => Promise.resolve(this.plans.get(hash)!);
  readonly clock = { now: () => this.#now };

  pass(ms: number): void {
    this.#now += ms;
  }

  async lead(): Promise<void> {
    this.fence = await this.store.claim(0, holder, this.fence?.term ?? 0);
    const { open, broken, mended } = await recoverOpenRuns(
      this.store,
      0,
      this.loadPlan,
      this.archive,
    );
    assert.deepEqual([broken, mended], [[], []]);
    this.sent.clear();
    this.partition = new Partition({
      store: this.store,
      fence: this.fence,
      lowWater: await this.store.lowWater(0),
      cells: {
        capacity: () => 4,
        dispatch: (_key, attempts) => {
          for (const attempt of attempts) {
            this.sent.set(`${attempt.runId} ${attempt.taskId}#${attempt.index}`, attempt);
          }
        },
        cancel: (id) => void this.sent.delete(`${id.runId} ${id.taskId}#${id.index}`),
      },
      reserved: new Map(),
      clock: this.clock,
      random: () => this.random.next(),
      onNews: null,
      onLost: (error) => this.lost = error,
    });
    for (const { state, entry } of open) {
      const run = createActiveRun(state, entry, this.agentKeys);
      this.partition.takeOn(run);
      void this.partition.recover(run);
    }
  }

  keeper(options: Partial<ConstructorParameters<typeof Keeper>[0]> = {}): Keeper {
    const { partition, store, archive, documents, loadPlan, clock } = this;
    return new Keeper({ partition, store, archive, documents, loadPlan, clock, ...options });
  }

  /** Resolves once it is durable. */
  submit(runId: string, plan: Plan): Promise<void> {
    this.plans.set(plan.packageHash, plan);
    const entry = {
      runId,
      workflow: plan.definition.name,
      version: null,
      status: "running",
      submittedAt: 0,
      finishedAt: null,
      partition: 0,
      firstSeq: 0,
      packageHash: plan.packageHash,
    };
    const run = createActiveRun(createRunState(runId, plan), entry, this.agentKeys);
    this.partition.adopt(run);
    const input = { yes: true, many: [1, 2, 3, 4, 5] };
    return this.partition
      .execute(run, { type: "SubmitRun", at: this.#now, input, workDir: "/" }).durable;
  }

  /** Answers some attempts; time passes. */
  answerSome(): void {
    this.pass(this.random.int(0, 20));
    const answers: { id: Attempt; outcome: AttemptOutcome }[] = [];
    for (const [key, attempt] of this.sent) {
      if (this.random.chance(0.5)) continue;
      this.sent.delete(key);
      const outcome: AttemptOutcome = this.random.chance(0.9)
        ? { status: "completed", output: { n: this.random.int(0, 10), key } }
        : { status: "failed", error: { code: "FAILED", message: "drawn" } };
      answers.push({ id: attempt, outcome });
    }
    this.partition.finish(answers);
    this.partition.wake();
  }

  /** Everything of every run is there, once, and says that it has ended. */
  async check(runIds: readonly string[]): Promise<void> {
    for (const runId of runIds) {
      const entry = await this.store.run(runId);
      assert.ok(entry?.finishedAt, `${runId} has ended`);
      const history = readHistory(this.store, entry, entry.firstSeq, this.archive);
      const events = (await Array.fromAsync(history)).map(({ event }) => event);
      const starts = new Set<string>();
      for (const event of events) {
        if (event.type !== "AttemptStarted") continue;
        const name = `${event.task}#${event.index ?? 0}#${event.attempt}`;
        assert.ok(!starts.has(name), `${runId}: ${name} was started twice`);
        starts.add(name);
      }
      const found = await recoverRun(this.store, runId, this.loadPlan, this.archive);
      assert.equal(found!.state.eventCount, events.length);
      assert.ok(hasEnded(found!.state.status));
    }
  }
}

function memoryNode(seed: number): TestNode {
  const store = openMemoryStore<RunEvent>();
  return new TestNode(store, openMemoryArchive(store), seed);
}

async function withKvNode(work: (node: TestNode) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const stores = await openKvStores<RunEvent, never>(`${folder}/store.kv`);
  try {
    await work(new TestNode(stores.runs, stores.archive));
  } finally {
    stores.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function planOf(tasks: ShortTask[], retain?: RetentionPolicy, name = "test"): Plan {
  const packageHash = `package of ${JSON.stringify([tasks, retain, name])}`;
  return compilePlan(definitionOf(tasks, { name, retain, concurrency: 200 }), { packageHash });
}

Deno.test("Keeper keeps runs whole while they go on, through one crash after the other", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const node = memoryNode(seed);
    await node.lead();
    const runIds = Array.from(
      { length: 12 },
      (_, n) => `run-${seed}-${String(n).padStart(2, "0")}`,
    );
    let keeper = node.keeper({ segmentsMax: 3, firstAfterMs: 0, ageMaxMs: 20 });
    let submitted = 0;
    for (let turn = 0; submitted < runIds.length || node.partition.runs.size > 0; turn++) {
      assert.ok(turn < 3_000, `seed ${seed}: the runs do not end`);
      if (submitted < runIds.length && node.random.chance(0.4)) {
        const packageHash = `package-${seed}-${submitted}`;
        const definition = drawWorkflow(new SeededRandom(seed * 100 + submitted));
        // Timers of a partition run in real time.
        const short = { ...definition, timeoutMs: undefined };
        await node.submit(runIds[submitted++]!, compilePlan(short, { packageHash }));
      }
      node.answerSome();
      const step = keeper.step();
      if (node.random.chance(0.03)) {
        // Killed: what is decided and not durable is lost, and so is a step half done.
        node.partition.drop(new Error("killed"));
        await step.catch(() => {});
        await node.lead();
        keeper = node.keeper({ segmentsMax: 3, firstAfterMs: 0, ageMaxMs: 20 });
      } else if (node.random.chance(0.5)) await step;
      if (turn % 5 === 0) await sleep(1);
    }
    await node.partition.stop();
    await node.check(runIds);
    assert.ok(await node.archive.compactedTo(0) > 20, `seed ${seed}: compacted`);
  }
});

Deno.test("Keeper saves no state that is ahead of what is durable", async () => {
  const node = memoryNode(3);
  const { append } = node.store;
  let gate = Promise.resolve();
  node.store.append = async (fence, content) => {
    await gate;
    return await append.call(node.store, fence, content);
  };
  await node.lead();
  await node.submit("run", planOf(Array.from({ length: 9 }, (_, n) => ({ id: `t${n}` }))));
  await node.partition.settled();
  const opened = Promise.withResolvers<void>();
  gate = opened.promise;
  const before = node.partition.runs.get("run")!.state.eventCount;
  node.answerSome();
  const keeper = node.keeper({ firstAfterMs: 0 });
  const kept = keeper.keepNow();
  await sleep(20);
  assert.deepEqual(await node.archive.openRuns(0), [], "nothing is saved before it is durable");
  opened.resolve();
  await kept;
  const [{ snapshot }] = await node.archive.openRuns(0) as [ArchivedRun];
  assert.ok(snapshot!.events > before);
  const run = node.partition.runs.get("run")!;
  assert.ok(snapshot!.events <= run.state.eventCount);
  await node.partition.stop();
});

Deno.test("Keeper does one step at a time, and stops when another node leads", async () => {
  const node = memoryNode(5);
  await node.lead();
  await node.submit("run", planOf([{ id: "a" }]));
  await node.partition.settled();
  const keeper = node.keeper({ firstAfterMs: 0 });
  const step = keeper.step();
  assert.equal(keeper.step(), step);
  assert.equal(await step, true);
  await node.store.claim(0, { ...holder, nodeId: "b" }, 1);
  while (await keeper.step());
  assert.equal(await node.archive.compactedTo(0), 0);
  assert.equal(await keeper.step(), false);
  node.partition.drop(new Error("over"));
  await keeper.stop();
});

Deno.test("Keeper deletes closed runs as their files say, and nothing else", () =>
  withKvNode(async (node) => {
    await node.lead();
    const day = 86_400_000;
    const plans = {
      short: planOf(
        [{ id: "a", target: { type: "value", value: 1 } }],
        { completedMs: day },
        "short",
      ),
      few: planOf([{ id: "a", target: { type: "value", value: 1 } }], { runsMax: 3 }, "few"),
      ever: planOf([{ id: "a", target: { type: "value", value: 1 } }], undefined, "ever"),
      open: planOf([{ id: "a" }], { completedMs: 1, runsMax: 0 }, "open"),
    };
    for (const [at, [name, plan]] of Object.entries(plans).entries()) {
      for (let n = 0; n < 30; n++) {
        void node.submit(`${at}-${name}-${String(n).padStart(2, "0")}`, plan);
      }
    }
    await node.partition.settled();
    // Runs that go on are listed a moment after they opened.
    node.pass(100);
    await sleep(100);
    await node.partition.settled();
    const names = async () => {
      const runs = await node.store.runs({ limit: 1_000 });
      return runs.map(({ workflow }) => workflow)
        .reduce<Record<string, number>>(
          (sum, name) => ({ ...sum, [name]: (sum[name] ?? 0) + 1 }),
          {},
        );
    };
    const runIds = (await node.store.runs({ limit: 1_000 })).map(({ runId }) => runId);
    const { documents, clock } = node;
    const logs = openRunLogBook({ documents, clock, nodeId: "a" });
    for (const runId of runIds) logs.note({ runId, at: 1, type: "log", message: runId });
    await logs.close();
    const logged = async () => {
      const pages = runIds.map((runId) => logs.read(runId, { limit: 9 }));
      return (await Promise.all(pages)).flatMap(({ items }) => items.map(({ message }) => message));
    };
    assert.equal((await logged()).length, 120);
    const keeper = node.keeper();
    await keeper.keepNow();
    assert.deepEqual(await names(), { short: 30, few: 3, ever: 30, open: 30 });
    const left = await node.store.runs({ limit: 1_000 });
    assert.deepEqual(
      left.filter(({ workflow }) => workflow === "few").map(({ runId }) => runId),
      ["1-few-29", "1-few-28", "1-few-27"],
    );
    assert.deepEqual(await logged(), left.map(({ runId }) => runId), "logs go with their runs");
    node.pass(day);
    await keeper.keepNow();
    assert.deepEqual(await names(), { few: 3, ever: 30, open: 30 });
    const sizes = await node.archive.sizes();
    assert.equal(sizes.histories.count, 63);
    for (let turn = 0; node.partition.runs.size > 0 && turn < 100; turn++) {
      node.answerSome();
      await sleep(5);
    }
    await node.partition.stop();
    await node.check(left.filter(({ workflow }) => workflow === "ever").map(({ runId }) => runId));
  }));

Deno.test("Keeper holds commits up for moments only, whatever it has to do", () =>
  withKvNode(async (node) => {
    await node.lead();
    const many = planOf([{ id: "list", forEach: "input.many" }, { id: "next", needs: ["list"] }]);
    const value = planOf([{ id: "a", target: { type: "value", value: 1 } }]);
    const runIds = Array.from({ length: 400 }, (_, n) => `run-${String(n).padStart(3, "0")}`);
    const timeOf = async (runId: string) => {
      const begunAt = performance.now();
      await node.submit(runId, value);
      return performance.now() - begunAt;
    };
    for (const runId of runIds.slice(0, 300)) void node.submit(runId, many);
    const waitsBefore: number[] = [];
    for (const runId of runIds.slice(300, 330)) waitsBefore.push(await timeOf(runId));
    const keeper = node.keeper({ firstAfterMs: 0, segmentsMax: 20, ageMaxMs: 50 });
    keeper.start();
    const waits: number[] = [];
    for (let turn = 0; node.partition.runs.size > 0 && turn < 2_000; turn++) {
      node.answerSome();
      if (turn < 70) waits.push(await timeOf(runIds[330 + turn]!));
      await sleep(1);
    }
    await keeper.stop();
    await node.partition.stop();
    const [usualMs, waitMs] = [waitsBefore, waits].map((all) =>
      all.sort((a, b) => a - b)[Math.floor(0.9 * all.length)]!
    );
    // Generous on a calm machine; on a busy one every commit takes its time.
    const limitMs = Math.max(250, 10 * usualMs!);
    assert.ok(waitMs! < limitMs, `one commit in ten took ${waitMs} ms, without ${usualMs} ms`);
    assert.ok(await node.archive.compactedTo(0) > 0);
    await node.check(runIds);
  }));
