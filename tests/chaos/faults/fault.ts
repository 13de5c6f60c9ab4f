/**
 * What is done to a cluster under test.
 *
 * @module
 */
import type { SeededRandom } from "../../seeded_random.ts";
import type { NodeProcess } from "../cluster/node_process.ts";
import type { StoreKind, StoreUnderTest, StoreWish } from "../stores/mod.ts";

/** What a fault may reach for. */
export interface Scene {
  nodes: readonly NodeProcess[];
  store: StoreUnderTest;
  /** Nodes that lead a partition now, as the store has it. */
  leaders(): Promise<NodeProcess[]>;
  random: SeededRandom;
  electionTimeoutMs: number;
  /** Strikes before this one. */
  strikes: number;
  /** Aborts when the time is over. */
  signal: AbortSignal;
}

/** One kind of fault. */
export interface Fault {
  name: string;
  /** One line: what is done. */
  summary: string;
  /** Stores that it can be done to; all when left out. */
  stores?: readonly StoreKind[];
  /** How the store must be brought. */
  wish: StoreWish;
  /** Writes of deposed leaders or of given-up attempts are bound to come. */
  bringsStaleWrites: boolean;
  /** Without fences it breaks a promise, each time. */
  breaksUnfenced: boolean;
  /** Why it cannot be done here, and how to get what is missing; `null` where it can. */
  whyNot(): string | null;
  /** Environment of a node whenever it is started. */
  environment(nodeId: string): Record<string, string>;
  /** Does harm, and mends it. Is called again and again. */
  strike(scene: Scene): Promise<void>;
}

/** What most faults have in common. */
export const PLAIN_FAULT = {
  wish: {},
  bringsStaleWrites: false,
  breaksUnfenced: false,
  whyNot: (): string | null => null,
  environment: (): Record<string, string> => ({}),
};
