import type { JsonObject } from "../../../core/json.ts";
import { hasEnded } from "../../../workflows/mod.ts";
import type { ClusterContext, ClusterNode } from "./cluster_node.ts";
import { packageOf, planOf, SIGNAL, WORKFLOWS } from "./sim_workflows.ts";

/** A user asks again when no answer came for so long. */
const PATIENCE_MS = 700;
/** How often somebody looks whether a run waits for people. */
const LOOK_EVERY_MS = 900;

/** Those who submit runs and change their minds: each asks some node, until one says that it is done. */
export class ClusterUsers {
  readonly #context: ClusterContext;
  readonly #nodes: () => ClusterNode[];
  /** Runs whose submission was acknowledged. */
  readonly acknowledged = new Set<string>();
  /** Wishes that nobody has acknowledged yet. */
  waiting = 0;
  #wishes = 0;
  #runs = 0;
  #signals = 0;
  #isLoadOver = false;

  constructor(context: ClusterContext, nodes: () => ClusterNode[]) {
    this.#context = context;
    this.#nodes = nodes;
  }

  /** Asks for `count` runs within `loadMs`. */
  start(count: number, loadMs: number): void {
    const { world } = this.#context;
    for (let run = 0; run < count; run++) {
      this.waiting++;
      world.after(world.random.int(0, loadMs), () => {
        this.waiting--;
        this.#submit();
      });
    }
    world.after(LOOK_EVERY_MS, () => this.#lookAfter());
  }

  endLoad(): void {
    this.#isLoadOver = true;
  }

  #submit(): void {
    const { world } = this.#context;
    const { random } = world;
    const runId = `r${++this.#runs}`;
    const input = {
      yes: random.chance(0.5),
      many: Array.from({ length: random.int(0, 4) }, () => 1),
    };
    const packageHash = packageOf(random.int(0, WORKFLOWS - 1));
    this.#ask(runId, "submit", { packageHash, input, workDir: "/" }, () => {
      this.acknowledged.add(runId);
      this.#changeMind(runId, packageHash);
    });
  }

  #changeMind(runId: string, packageHash: string): void {
    const { random } = this.#context.world;
    if (random.chance(0.15)) this.#later(runId, "cancel");
    if (random.chance(0.15)) this.#later(runId, "pause");
    if (random.chance(0.3)) this.#later(runId, "retry");
    if (random.chance(0.3)) this.#later(runId, "signal");
    if (!random.chance(0.1)) return;
    const task = random.pick(planOf(packageHash).tasks).spec.id;
    this.#later(runId, "cancelTask", { task, reason: "a user" });
  }

  #later(runId: string, type: string, body: JsonObject = { reason: "a user" }): void {
    const { world } = this.#context;
    this.waiting++;
    world.after(world.random.int(0, 2_500), () => {
      this.waiting--;
      if (type === "signal") this.#signal(runId);
      else this.#ask(runId, type, body, () => {});
    });
  }

  #signal(runId: string): void {
    const signalId = `s${++this.#signals}`;
    this.#ask(runId, "signal", { name: SIGNAL, payload: signalId, signalId }, () => {});
  }

  /** Nobody is left alone: what is paused goes on, what waits for a signal gets one. */
  #lookAfter(): void {
    const { world, checkers } = this.#context;
    for (const { state } of checkers.journal.runs.values()) {
      const mayAsk = state.isPaused && !hasEnded(state.status);
      if (mayAsk && (this.#isLoadOver || world.random.chance(0.5))) {
        this.#ask(state.runId, "resume", {}, () => {});
      }
      const isStuck = state.running === 0 &&
        state.tasks.some(({ result, plan }) =>
          result.status === "waiting" && plan.spec.target.type === "waitSignal"
        );
      if (isStuck && !state.isPaused && world.random.chance(0.5)) this.#signal(state.runId);
    }
    world.after(LOOK_EVERY_MS, () => this.#lookAfter());
  }

  /** Asks one node after the other. */
  #ask(runId: string, type: string, body: JsonObject, onAcknowledged: () => void): void {
    const { world, checkers, partitions } = this.#context;
    const key = `${type} ${++this.#wishes}`;
    const wish = { runId, type, body: { ...body, key } };
    const partition = Number(runId.slice(1)) % partitions;
    let isOver = false;
    this.waiting++;
    const acknowledge = () => {
      checkers.wishes.acknowledged(key);
      if (isOver || this.#isLost()) return;
      isOver = true;
      this.waiting--;
      world.note(`user hears that ${key} of ${runId} is safe`);
      onAcknowledged();
    };
    const attempt = () => {
      if (isOver) return;
      world.after(PATIENCE_MS, attempt);
      const up = this.#nodes().filter(({ process }) => process.isUp);
      if (up.length === 0 || this.#isLost()) return;
      const node = world.random.pick(up);
      const patience = { until: world.at + PATIENCE_MS };
      world.after(world.random.int(1, 10), () =>
        node.process.deliver(() => {
          // The request of somebody who went away is still done.
          if (world.at > patience.until) world.count("requests done after their user went");
          node.take(partition, wish, acknowledge);
        }));
    };
    attempt();
  }

  #isLost(): boolean {
    return this.#context.world.random.chance(this.#context.faults.link.lostAnswer);
  }
}
