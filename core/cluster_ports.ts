/**
 * What nodes that share a store need of it to know of each other.
 *
 * @module
 */
import type { Json } from "./json.ts";
import type { Holder } from "./ports.ts";

/** A node as it describes itself with each heartbeat. */
export interface Member {
  nodeId: string;
  /** Drawn at each start: a node that comes back under its name is another member. */
  boot: string;
  holder: Holder;
  /** Counts heartbeats from 1. It is watched with the watcher's own clock; instants of other machines are not compared. */
  beat: number;
  /** `draining`: gives its partitions away and takes none. */
  status: "up" | "draining";
  /** Where other nodes reach it, such as `http://10.0.0.7:7718`; `null` without a door. */
  url: string | null;
  /** Epoch milliseconds of the node's own clock; for people. */
  startedAt: number;
  /** Version of the program. */
  version: string;
  /** Partitions that it leads, by number. */
  partitions: number[];
  /** Open runs that it works on. */
  runs: number;
  /** Silence after which it takes others for gone, at least: the same for all nodes. */
  electionTimeoutMs: number;
}

/** What all nodes of a store have in common; set by the first one, for good. */
export interface ClusterSettings {
  /** Partitions that runs are hashed over. */
  partitions: number;
}

/** A note from one node to another. */
export interface Letter {
  /** Orders the letters of a node. */
  id: string;
  body: Json;
}

/** Memory that nodes share. Every method may throw `UnavailableError` `STORE_UNAVAILABLE`. */
export interface ClusterStore {
  /**
   * Writes down that a node lives, unless a process stands there under its name that the sender does
   * not know of: a late heartbeat of a process that is gone must not hide its successor.
   *
   * @param predecessors boots that this one takes the place of
   * @returns whether it was written
   */
  beat(member: Member, predecessors?: readonly string[]): Promise<boolean>;
  /** Every node that has not left, by name: also those that died. */
  members(): Promise<Member[]>;
  /** Strikes a node off, unless it has started anew since. Its letters go as well. */
  leave(nodeId: string, boot: string): Promise<void>;
  /** The settings of this store: `wish`, when nobody has set them before. */
  settings(wish: ClusterSettings): Promise<ClusterSettings>;
  /** `null` when no node ever worked here. */
  knownSettings(): Promise<ClusterSettings | null>;
  /** Leaves notes for a node, in order. */
  post(nodeId: string, bodies: readonly Json[]): Promise<void>;
  /** The oldest notes for a node, in order, about 100 of them. */
  letters(nodeId: string): Promise<Letter[]>;
  /** Strikes notes off. */
  discard(nodeId: string, ids: readonly string[]): Promise<void>;
  /** The store's own way to tell other processes at once; `null` where it has none. */
  readonly bell: Doorbell | null;
}

/**
 * Hints that something waits in the store. They may be lost, doubled and late: whoever listens also
 * looks by itself now and then.
 */
export interface Doorbell {
  /** Never throws, never waits. */
  ring(topics: readonly BellTopic[]): void;
  /** Calls `onRing` until the function returned is called. */
  listen(onRing: (topic: BellTopic) => void): () => void;
}

/** `partition:3`: its inbox; `node:NAME`: letters of that node; `terms`: a leader came or went. */
export type BellTopic = `partition:${number}` | `node:${string}` | "terms";
