import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Attempt, AttemptId } from "../../actors/mod.ts";
import type { Exclusion } from "../../core/assignment.ts";
import { ConflictError } from "../../core/errors.ts";
import { definitionOf, type ShortTask } from "../../tests/decider_kit.ts";
import type { AssignmentChoice, AssignmentRequest } from "../../workflows/mod.ts";
import { compilePlan, createRunState, type RunEvent } from "../../workflows/mod.ts";
import { openMemoryStore } from "../store/mod.ts";
import { ListedAssigner } from "../../tests/listed_assigner.ts";
import { type ActiveRun, type AgentMarket, createActiveRun } from "./active_run.ts";
import { Partition, type Untold } from "./partition.ts";

const OWN = "a/1";
const DONE = { status: "completed", output: 1 } as const;
const LOST = new ConflictError("FENCED", { message: "Another node leads" });

/** A partition whose appends pass one by one, when the test says so. */
class Bed {
  readonly store = openMemoryStore<RunEvent>();
  readonly reserved = new Map<string, number>();
  readonly sent: Attempt[] = [];
  readonly keys: string[] = [];
  readonly cancelled: AttemptId[] = [];
  untold: Untold[] = [];
  isConfirmed = true;
  partition!: Partition;
  #held: PromiseWithResolvers<void> | null = null;

  async lead(): Promise<this> {
    const holder = { nodeId: "a", host: "h", pid: 1, processStart: "s" };
    const fence = await this.store.claim(0, holder, 0);
    const append = this.store.append.bind(this.store);
    this.store.append = async (...given) => {
      await this.#held?.promise;
      return await append(...given);
    };
    this.partition = new Partition({
      store: this.store,
      fence,
      lowWater: 1,
      cells: {
        capacity: () => 4,
        dispatch: (key, attempts) => {
          this.keys.push(key);
          this.sent.push(...attempts);
        },
        cancel: (id) => void this.cancelled.push(id),
      },
      reserved: this.reserved,
      clock: Date,
      random: () => 0.5,
      onNews: null,
      onLost: (_, untold) => this.untold = untold,
      cluster: { node: OWN, mayDispatch: () => this.isConfirmed, cancelElsewhere: () => {} },
    });
    return this;
  }

  hold(): void {
    this.#held = Promise.withResolvers();
  }

  letGo(): void {
    this.#held?.resolve();
    this.#held = null;
  }

  submit(tasks: ShortTask[], market: AgentMarket | null = null): ActiveRun {
    const plan = compilePlan(definitionOf(tasks), { packageHash: "hash" });
    const entry = {
      runId: "r1",
      workflow: "test",
      version: null,
      status: "running",
      submittedAt: 0,
      finishedAt: null,
      partition: 0,
      firstSeq: 0,
    };
    const keys = new Map([["a", "a"], ["b", "b"]]);
    const run = createActiveRun(createRunState("r1", plan), entry, keys, market);
    this.partition.adopt(run);
    const submit = { type: "SubmitRun", at: Date.now(), input: {}, workDir: "/" } as const;
    this.partition.execute(run, submit);
    return run;
  }
}

const ASKED = { type: "capability", capability: "x" } as const;

/** Registered agents in the order of a list. */
class ListedMarket extends ListedAssigner implements AgentMarket {
  readonly removed = new Set<string>();

  keyOf(agent: string): string | undefined {
    return this.removed.has(agent) ? undefined : `key:${agent}`;
  }

  offerOf(): null {
    return null;
  }

  hasRegisteredRoom(): boolean {
    return true;
  }
}

/** Nobody gets it for a while, and each time it is said when to ask next. */
class LaterMarket extends ListedMarket {
  readonly fromAt = Date.now() + 200;

  override choose(request: AssignmentRequest): AssignmentChoice {
    if (request.at >= this.fromAt) return super.choose(request);
    const excluded: Exclusion[] = [{ code: "CIRCUIT_OPEN", count: 1, agents: ["far@1.0.0"] }];
    return { agent: null, why: { code: "NOBODY_CAN", excluded, askAgainAt: request.at + 20 } };
  }
}

Deno.test("Partition asks again when it is time, also where nothing new was to be put on record", async () => {
  const bed = await new Bed().lead();
  bed.submit([{ id: "x", target: ASKED }], new LaterMarket({ x: ["far@1.0.0"] }));
  const until = Date.now() + 5_000;
  while (bed.sent.length === 0 && Date.now() < until) await sleep(10);
  assert.equal(bed.sent[0]?.agent, "far@1.0.0");
  bed.partition.drop(LOST);
});

Deno.test("Partition sends an attempt to the agent that was chosen, although it was removed since", async () => {
  const bed = await new Bed().lead();
  const market = new ListedMarket({ x: ["far@1.0.0"] });
  bed.hold();
  bed.submit([{ id: "x", target: ASKED }], market);
  await sleep(5);
  assert.deepEqual([...bed.reserved], [["key:far@1.0.0", 1]]);
  market.removed.add("far@1.0.0");
  bed.letGo();
  await bed.partition.settled();
  assert.deepEqual(bed.keys, ["key:far@1.0.0"]);
  assert.deepEqual([...bed.reserved], []);
  bed.partition.drop(LOST);
});

Deno.test("Partition.settled() resolves when the partition is lost with a turn due", async () => {
  const { partition } = await new Bed().lead();
  partition.wake();
  partition.drop(LOST);
  const late = new AbortController();
  const settled = partition.settled().then(() => "settled");
  assert.equal(await Promise.race([settled, sleep(500, "late", late)]), "settled");
  late.abort();
});

Deno.test("Partition gives its places back when it is lost before its frames have left", async () => {
  const bed = await new Bed().lead();
  bed.hold();
  bed.submit([{ id: "x" }, { id: "y" }]);
  await sleep(5);
  bed.letGo();
  await bed.partition.settled();
  assert.equal(bed.sent.length, 2);
  assert.deepEqual([...bed.reserved], []);
  bed.isConfirmed = false;
  bed.partition.drop(LOST);
  assert.deepEqual([...bed.reserved], []);
});

Deno.test("Partition holds frames back while leadership is not confirmed, and never sends them once lost", async () => {
  const bed = await new Bed().lead();
  bed.hold();
  bed.submit([{ id: "x" }]);
  await sleep(5);
  // Submitted and started are one commit: it lapses while that is written.
  bed.isConfirmed = false;
  bed.letGo();
  await bed.partition.settled();
  assert.equal(bed.sent.length, 0);
  bed.partition.drop(LOST);
  bed.isConfirmed = true;
  bed.partition.resume();
  assert.equal(bed.sent.length, 0);
  assert.deepEqual([...bed.reserved], []);
});

Deno.test("Partition tells what cells said and no commit has taken", async () => {
  const bed = await new Bed().lead();
  bed.submit([{ id: "x" }, { id: "y" }]);
  await bed.partition.settled();
  const [x, y] = bed.sent as [Attempt, Attempt];
  bed.hold();
  bed.partition.finish([{ id: x, outcome: DONE }]);
  await sleep(5);
  bed.partition.finish([{ id: y, outcome: DONE }]);
  bed.partition.drop(LOST);
  bed.letGo();
  assert.deepEqual(bed.untold.map(({ id }) => id.taskId), ["x", "y"]);
});

Deno.test("Partition ends no attempt on the word of a decision that is not durable", async () => {
  const bed = await new Bed().lead();
  const run = bed.submit([{ id: "x" }]);
  await bed.partition.settled();
  bed.hold();
  bed.partition.execute(run, { type: "PauseRun", at: Date.now() });
  await sleep(5);
  bed.partition.execute(run, { type: "CancelRun", at: Date.now(), reason: "test" });
  await sleep(5);
  assert.equal(bed.cancelled.length, 0);
  bed.letGo();
  await bed.partition.settled();
  assert.equal(bed.cancelled.length, 1);
  bed.partition.drop(LOST);
});

Deno.test("Partition rejects who waits when it is lost, and no rejection is left over", async () => {
  const bed = await new Bed().lead();
  const run = bed.submit([{ id: "x" }]);
  await bed.partition.settled();
  bed.hold();
  const { durable } = bed.partition.execute(run, { type: "PauseRun", at: Date.now() });
  bed.partition.execute(run, { type: "ResumeRun", at: Date.now() });
  const flushed = bed.partition.flushed();
  bed.partition.drop(LOST);
  await assert.rejects(durable, { code: "FENCED" });
  await flushed.catch((error) => assert.equal(error.code, "FENCED"));
  await assert.rejects(bed.partition.flushed(), { code: "NODE_STOPPED" });
  bed.letGo();
});
