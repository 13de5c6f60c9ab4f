import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterStore } from "../../core/cluster_ports.ts";
import { UnavailableError } from "../../core/errors.ts";
import type { Fence, Store } from "../../core/ports.ts";
import { openKvStores, openMemoryClusterStore, openMemoryStore } from "../store/mod.ts";
import type { Leading } from "./leading.ts";
import { Membership } from "./membership.ts";

const T = 500;
const PARTITIONS = 8;

/** Stores that a node may be cut off from: its calls fail, or wait until it is joined again. */
class Line {
  #cut: { hangs: boolean; healed: PromiseWithResolvers<void> } | null = null;

  cut(hangs: boolean): void {
    this.#cut = { hangs, healed: Promise.withResolvers() };
  }

  heal(): void {
    this.#cut?.healed.resolve();
    this.#cut = null;
  }

  through<S extends object>(store: S): S {
    return new Proxy(store, {
      get: (target, name) => {
        const member = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => this.#pass(() => member.apply(target, args));
      },
    });
  }

  async #pass(call: () => Promise<unknown>): Promise<unknown> {
    if (this.#cut?.hangs) await this.#cut.healed.promise;
    if (this.#cut !== null) {
      throw new UnavailableError("STORE_UNAVAILABLE", { message: "Cut the line" });
    }
    return await call();
  }
}

/** Notes what a membership tells the node around it. */
class Recorder implements Leading {
  readonly fences = new Map<number, Fence>();
  readonly told: string[] = [];
  broken = new Set<number>();

  lead(fence: Fence): Promise<void> {
    this.told.push(`lead ${fence.partition}`);
    if (this.broken.has(fence.partition)) return Promise.reject(new Error("Cannot fold"));
    this.fences.set(fence.partition, fence);
    return Promise.resolve();
  }

  suspend(partition: number): void {
    this.told.push(`suspend ${partition}`);
  }

  resume(partition: number): void {
    this.told.push(`resume ${partition}`);
  }

  drop(partition: number): void {
    this.told.push(`drop ${partition}`);
    this.fences.delete(partition);
  }

  handOver(partition: number): Promise<void> {
    this.told.push(`handOver ${partition}`);
    this.fences.delete(partition);
    return Promise.resolve();
  }

  describe() {
    return { partitions: [...this.fences.keys()], runs: 0 };
  }
}

interface TestNode {
  nodeId: string;
  line: Line;
  leading: Recorder;
  membership: Membership;
  errors: string[];
}

/** Nodes of this process on one store, watched for two leaders of a partition. */
class TestCluster {
  readonly nodes: TestNode[] = [];
  readonly #runs: Store<unknown>;
  readonly #cluster: ClusterStore;
  readonly #watch: ReturnType<typeof setInterval>;
  readonly violations: string[] = [];

  constructor(runs: Store<unknown>, cluster: ClusterStore) {
    this.#runs = runs;
    this.#cluster = cluster;
    this.#watch = setInterval(() => this.#check(), 2);
  }

  add(nodeId: string): TestNode {
    const line = new Line();
    const leading = new Recorder();
    const errors: string[] = [];
    const cluster = line.through(this.#cluster);
    const membership = new Membership({
      runs: line.through(this.#runs),
      cluster,
      settings: {
        nodeId,
        boot: crypto.randomUUID(),
        partitions: PARTITIONS,
        electionTimeoutMs: T,
        heartbeatMs: T / 5,
      },
      leading,
      holder: { nodeId, host: "h", pid: Deno.pid, processStart: "1" },
      url: null,
      version: "1",
      bells: cluster.bell === null ? [] : [cluster.bell],
      drainMs: 5_000,
      onError: (error) => errors.push(String(error)),
    });
    const node = { nodeId, line, leading, membership, errors };
    this.nodes.push(node);
    return node;
  }

  async start(...names: string[]): Promise<TestNode[]> {
    const nodes = names.map((name) => this.add(name));
    await Promise.all(nodes.map(({ membership }) => membership.start()));
    return nodes;
  }

  /** How many partitions each node leads and may work on. */
  loads(): number[] {
    return this.nodes.map((node) => leads(node).length);
  }

  isAllLed(): boolean {
    return this.loads().reduce((sum, load) => sum + load, 0) === PARTITIONS;
  }

  isBalanced(nodes = this.nodes): boolean {
    const loads = nodes.map((node) => leads(node).length);
    return this.isAllLed() && Math.max(...loads) - Math.min(...loads) <= 1;
  }

  terms() {
    return this.#runs.terms();
  }

  #check(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const leaders = this.nodes.filter(({ membership }) => membership.mayDispatch(partition));
      if (leaders.length < 2) continue;
      this.violations.push(`${partition}: ${leaders.map(({ nodeId }) => nodeId)}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    for (const { line } of this.nodes) line.heal();
    await Promise.all(this.nodes.map(({ membership }) => membership.stop()));
    assert.deepEqual(this.violations, [], "two nodes led one partition");
  }
}

function leads({ membership }: TestNode): number[] {
  const numbers = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  return numbers.filter((partition) => membership.mayDispatch(partition));
}

function inMemory(): TestCluster {
  return new TestCluster(openMemoryStore(), openMemoryClusterStore());
}

async function until(what: string, holds: () => boolean, limitMs = 30_000): Promise<void> {
  const lateAt = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > lateAt) assert.fail(`Waited in vain until ${what}`);
    await sleep(5);
  }
}

Deno.test("Membership leads everything when it is alone and shares with whoever comes", async () => {
  await using cluster = inMemory();
  await cluster.start("a");
  await until("a leads all", () => cluster.loads()[0] === PARTITIONS);
  await cluster.start("b", "c");
  await until("the load is shared", () => cluster.isBalanced());
  assert.deepEqual(cluster.loads().sort(), [2, 3, 3]);
  const [a, b, c] = cluster.nodes;
  await until(
    "a sees the others",
    () => a!.membership.members().map(({ nodeId }) => nodeId).join("") === "abc",
  );
  const partition = leads(b!)[0]!;
  await until(
    "c knows who leads",
    () => c!.membership.leaderOf(partition)?.nodeId === "b",
  );
});

Deno.test("Membership takes over from a node that is cut off, which has stopped by then", async () => {
  await using cluster = inMemory();
  const [a, b, c] = await cluster.start("a", "b", "c");
  await until("the load is shared", () => cluster.isBalanced());
  const lost = leads(a!);
  a!.line.cut(true);
  await until("b and c lead all", () => leads(b!).length + leads(c!).length === PARTITIONS);
  await until("each of them its share", () => cluster.isBalanced([b!, c!]));
  assert.deepEqual(leads(a!), []);
  assert.ok(!b!.membership.living().has(a!.membership.members()[0]!.boot));
  a!.line.heal();
  await until("a has its share again", () => cluster.isBalanced());
  for (const partition of lost) {
    const drop = a!.leading.told.indexOf(`drop ${partition}`);
    assert.ok(a!.leading.told.indexOf(`suspend ${partition}`) < drop, "suspended before");
    assert.ok(drop >= 0, `a was not told that it lost ${partition}`);
  }
});

for (const hangs of [true, false]) {
  const how = hangs ? "answers late" : "fails";
  Deno.test(`Membership deposes nobody when the store ${how} for all`, async () => {
    await using cluster = inMemory();
    await cluster.start("a", "b", "c");
    await until("the load is shared", () => cluster.isBalanced());
    const before = await cluster.terms();
    for (const { line } of cluster.nodes) line.cut(hangs);
    await until("nobody leads", () => cluster.loads().every((load) => load === 0));
    await sleep(4 * T);
    for (const { line } of cluster.nodes) line.heal();
    await until("all are led again", () => cluster.isAllLed());
    assert.deepEqual(await cluster.terms(), before);
    for (const { leading: { told }, errors } of cluster.nodes) {
      const suspends = told.filter((word) => word.startsWith("suspend")).length;
      assert.ok(suspends >= 2, "nobody was suspended");
      assert.equal(told.filter((word) => word.startsWith("resume")).length, suspends);
      // One for heartbeats and one for looks, however many of them failed.
      assert.ok(errors.length <= 2, errors.join("\n"));
    }
  });
}

Deno.test("Membership.drain() gives everything to the others, which lead it at once", async () => {
  await using cluster = inMemory();
  const [a, b] = await cluster.start("a", "b");
  await until("the load is shared", () => cluster.isBalanced());
  await b!.membership.drain();
  assert.deepEqual(leads(b!), []);
  await until("a leads all", () => leads(a!).length === PARTITIONS);
  await until(
    "a sees that b drains",
    () => a!.membership.members()[1]?.state === "draining",
  );
  await b!.membership.stop();
  await until("a sees that b left", () => a!.membership.members().length === 1);
  const { term } = (await cluster.terms())[7]!;
  await sleep(3 * T);
  assert.equal((await cluster.terms())[7]!.term, term, "it moved without need");
});

Deno.test("Membership gives away what its node cannot fold", async () => {
  await using cluster = inMemory();
  const a = cluster.add("a");
  const b = cluster.add("b");
  a.leading.broken.add(3);
  await a.membership.start();
  await b.membership.start();
  await until("b leads what a cannot", () => leads(b).includes(3));
  await until("all are led", () => cluster.isAllLed());
  assert.deepEqual(a.errors.filter((error) => !error.includes("Cannot fold")), []);
});

Deno.test("Membership.fenced() stops leading in that term only", async () => {
  await using cluster = inMemory();
  const [a] = await cluster.start("a");
  await until("a leads all", () => cluster.isAllLed());
  const { term } = a!.leading.fences.get(2)!;
  a!.membership.fenced(2, term - 1);
  assert.ok(a!.membership.mayDispatch(2));
  a!.membership.fenced(2, term);
  assert.ok(!a!.membership.mayDispatch(2));
  assert.ok(a!.leading.told.includes("drop 2"));
  await until("a leads it in a new term", () => a!.membership.mayDispatch(2));
  assert.ok(a!.leading.fences.get(2)!.term > term);
});

Deno.test("Membership gives way to a younger node of its name", async () => {
  await using cluster = inMemory();
  const [old] = await cluster.start("a");
  await until("the old one leads all", () => cluster.isAllLed());
  const young = cluster.add("a");
  await young.membership.start();
  await until("the young one leads all", () => leads(young).length === PARTITIONS);
  assert.deepEqual(leads(old!), []);
  assert.match(old!.errors.join(), /Gave way to another process that works as node "a"/);
});

Deno.test("Membership shares a KV file with others, and tells who came and went", async () => {
  const folder = await Deno.makeTempDir();
  const stores = openKvStores(`${folder}/state.kv`);
  const { runs, cluster: members, close } = await stores;
  try {
    await using cluster = new TestCluster(runs, members);
    const [a] = await cluster.start("a");
    let changes = 0;
    const unlisten = a!.membership.onMembersChange(() => changes++);
    const [b] = await cluster.start("b");
    await until("the load is shared", () => cluster.isBalanced());
    await until("a was told of b", () => changes > 0);
    unlisten();
    await b!.membership.drain();
    await until("a leads all", () => leads(a!).length === PARTITIONS);
  } finally {
    close();
    await Deno.remove(folder, { recursive: true });
  }
});
