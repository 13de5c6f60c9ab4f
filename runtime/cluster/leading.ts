import type { Member } from "../../core/cluster_ports.ts";
import type { Fence } from "../../core/ports.ts";

/** What a node does with the partitions that it wins and loses. */
export interface Leading {
  /**
   * Folds the journal and goes on with it. A rejection gives the partition away again. Of two calls
   * for one partition under way only the later one counts.
   */
  lead(fence: Fence): Promise<void>;
  /** Starts nothing until `resume`. */
  suspend(partition: number): void;
  resume(partition: number): void;
  /** Another node leads: lets go at once and writes nothing; also of what it does not lead. */
  drop(partition: number): void;
  /**
   * Decides no more; resolves when all is durable. Then another node may lead it. Also called for
   * what could not be led.
   */
  handOver(partition: number): Promise<void>;
  /** What its heartbeats tell the others. */
  describe(): { partitions: number[]; runs: number };
}

/** A node, and whether it lives as far as this one can see. */
export type ClusterMember = Member & { state: "living" | "gone" | "draining" };
