/**
 * The partitions that this node leads and the runs in them, however it came to lead them.
 *
 * @module
 */
import type { AttemptId, AttemptReport } from "../../actors/mod.ts";
import type { ActiveRun, Partition, Untold } from "../scheduler/mod.ts";

type Results = Parameters<Partition["finish"]>[0];

/** Runs with attempts left here that are remembered; the oldest are forgotten. */
const DEPARTED_MAX = 10_000;

/** Finds the partition that an answer belongs to. */
export class PartitionTable {
  readonly #partitions = new Map<number, Partition>();
  readonly #byRun = new Map<string, Partition>();
  /** Attempts that go on here for runs that another node leads now: how many, and for which agents. */
  readonly #departed = new Map<string, { agentKeys: ReadonlyMap<string, string>; left: number }>();
  /** Attempts decided whose frames have not left, by agent key. */
  readonly reserved = new Map<string, number>();
  readonly #onStray: (untold: Untold[]) => void;

  /** @param onStray takes what cells say of runs that this node does not lead any more */
  constructor(onStray: (untold: Untold[]) => void) {
    this.#onStray = onStray;
  }

  get(number: number): Partition | undefined {
    return this.#partitions.get(number);
  }

  /** Whether this node leads the partition, in this very leadership. */
  isLed(partition: Partition): boolean {
    return this.#partitions.get(partition.fence.partition) === partition;
  }

  get numbers(): number[] {
    return [...this.#partitions.keys()].sort((a, b) => a - b);
  }

  all(): Iterable<Partition> {
    return this.#partitions.values();
  }

  /** The partition that works on the run, if it is one of this node. */
  ofRun(runId: string): Partition | undefined {
    return this.#byRun.get(runId);
  }

  active(runId: string): ActiveRun | undefined {
    return this.#byRun.get(runId)?.runs.get(runId);
  }

  /** Whose a run is that this node works on; `undefined`: it does not. */
  tenantOf(runId: string): string | null | undefined {
    const run = this.active(runId);
    return run === undefined ? undefined : run.state.origin.tenant ?? null;
  }

  /** Every run that this node works on. */
  *activeRuns(): Iterable<ActiveRun> {
    for (const [runId, partition] of this.#byRun) {
      const run = partition.runs.get(runId);
      if (run !== undefined) yield run;
    }
  }

  get runs(): number {
    return this.#byRun.size;
  }

  add(partition: Partition): void {
    this.#partitions.set(partition.fence.partition, partition);
  }

  /** Knows nothing of the partition any more: what comes for its runs is stray. */
  remove(partition: Partition): void {
    const { partition: number } = partition.fence;
    if (this.isLed(partition)) this.#partitions.delete(number);
    for (const [runId, { agentKeys, inFlight, state }] of partition.runs) {
      if (this.#byRun.get(runId) !== partition) continue;
      this.#byRun.delete(runId);
      // Some may be ending, unwanted; others leave with the commit that is under way.
      const left = Math.max(inFlight.size, state.running);
      if (left > 0) this.#departed.set(runId, { agentKeys, left });
    }
    // Some of these attempts may be elsewhere, and never end here.
    while (this.#departed.size > DEPARTED_MAX) {
      this.#departed.delete(this.#departed.keys().next().value!);
    }
  }

  /** Key of each agent of a run that has attempts here, whoever leads it. */
  agentKeys(runId: string): ReadonlyMap<string, string> | undefined {
    return (this.active(runId) ?? this.#departed.get(runId))?.agentKeys;
  }

  /** Lets a partition work on a run. */
  adopt(partition: Partition, run: ActiveRun): void {
    partition.adopt(run);
    this.track(partition, run);
  }

  /** The run is this partition's until it has closed. */
  track(partition: Partition, run: ActiveRun): void {
    const { runId } = run.state;
    this.#byRun.set(runId, partition);
    this.#departed.delete(runId);
    const forget = () => {
      if (this.#byRun.get(runId) === partition && !partition.runs.has(runId)) {
        this.#byRun.delete(runId);
      }
    };
    run.closed.promise.then(forget, forget);
  }

  /** Lets a partition let go of a run that was adopted in vain. */
  forget(partition: Partition, run: ActiveRun): void {
    partition.forget(run);
    if (this.#byRun.get(run.state.runId) === partition) this.#byRun.delete(run.state.runId);
  }

  /** Answers of the cells, to the partitions that wait for them. */
  finish(results: Results): void {
    const groups = new Map<Partition, Results[number][]>();
    const stray: Untold[] = [];
    for (const result of results) {
      const partition = this.#byRun.get(result.id.runId);
      if (partition === undefined) {
        stray.push({ type: "finish", ...result });
        this.#depart(result.id.runId);
        continue;
      }
      const group = groups.get(partition);
      if (group === undefined) groups.set(partition, [result]);
      else group.push(result);
    }
    for (const [partition, group] of groups) partition.finish(group);
    if (stray.length > 0) this.#onStray(stray);
    // The places that became free are everybody's, also where the answer's own run has closed.
    this.wake();
  }

  /** Looks everywhere whether something can start. */
  wake(): void {
    for (const partition of this.#partitions.values()) partition.wake();
  }

  #depart(runId: string): void {
    const departed = this.#departed.get(runId);
    if (departed !== undefined && --departed.left === 0) this.#departed.delete(runId);
  }

  report(id: AttemptId, report: AttemptReport): void {
    const partition = this.#byRun.get(id.runId);
    if (partition !== undefined) partition.report(id, report);
    else if (report.type === "step") this.#onStray([{ ...report, id }]);
  }

  /** Makes durable what was decided, and decides no more. */
  async stop(): Promise<void> {
    await Promise.all([...this.#partitions.values()].map((partition) => partition.stop()));
  }
}
