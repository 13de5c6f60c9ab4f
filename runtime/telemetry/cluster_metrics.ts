/**
 * What a node's part in the cluster looks like: partitions, elections, writes that were refused.
 *
 * @module
 */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Notice } from "../node/node_notices.ts";

/** Notices after which a partition is led elsewhere. */
const LOST: ReadonlySet<Notice["type"]> = new Set([
  "step-down",
  "hand-over",
  "fenced",
  "surrender",
]);

export class ClusterMetrics {
  readonly #won: Counter;
  readonly #lost: Counter<"reason">;
  readonly #fenced: Counter;
  readonly #suspended: Counter;
  readonly #errors: Counter;
  readonly #term: Gauge<"partition">;

  constructor(register: Registry) {
    const registers = [register];
    this.#won = new Counter({
      name: "denizen_elections_won_total",
      help: "Times that this node became the leader of a partition: each begins a new term.",
      registers,
    });
    this.#lost = new Counter({
      name: "denizen_leaderships_lost_total",
      help: "Times that a partition left this node; reason is step-down, hand-over, fenced " +
        "or surrender.",
      labelNames: ["reason"],
      registers,
    });
    this.#fenced = new Counter({
      name: "denizen_fenced_writes_total",
      help: "Writes that the store refused because another node led the partition by then.",
      registers,
    });
    this.#suspended = new Counter({
      name: "denizen_partition_suspensions_total",
      help: "Times that a partition waited because this node's heartbeat was not confirmed.",
      registers,
    });
    this.#errors = new Counter({
      name: "denizen_node_errors_total",
      help: "Failures that the node told; the same one is told every 10 s at most.",
      registers,
    });
    this.#term = new Gauge({
      name: "denizen_partition_term",
      help: "Term in which this node leads a partition.",
      labelNames: ["partition"],
      registers,
    });
  }

  /** Whether the partition is led elsewhere from now on. */
  notice({ type, partition, term }: Notice): boolean {
    if (type === "suspend") this.#suspended.inc();
    else if (type === "error") this.#errors.inc();
    else if (type === "fenced") this.#fenced.inc();
    else if (type === "lead") {
      this.#won.inc();
      this.#term.set({ partition: String(partition) }, term!);
    }
    if (!LOST.has(type)) return false;
    this.#lost.inc({ reason: type });
    this.#term.remove({ partition: String(partition) });
    return true;
  }
}
