/**
 * What an embedding program sees of an actor system.
 *
 * @module
 */
import { join, resolve } from "node:path";
import process from "node:process";
import type { Ending, TreeView } from "../../actors/supervision/mod.ts";
import type { SystemDefinition } from "../../actors/system/mod.ts";
import type { ErrorData } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import {
  loadDefinition,
  type Publication,
  type SystemNews,
  type SystemStats,
  type TellOptions,
} from "../actors/mod.ts";
import { hostActorSystem } from "./host_actor_system.ts";

/** Options of {@linkcode openActorSystem}. */
export interface ActorSystemOptions {
  /** State directory; made where it is missing. */
  dataDir: string;
  /** `kv:FILE`, `postgres://…` or `https://…`. Default: a KV file in the state directory. */
  store?: string;
  /** Hears of crashes, refusals, log lines and changes of the tree. */
  onNews?: (news: SystemNews) => void;
  /** Folder at which relative paths of permissions begin. Default: that of the process. */
  workDir?: string;
  /**
   * Of a system that is declared in code: folder at which the paths of modules begin, and out of
   * which they import nothing. Default: that of the process.
   */
  moduleDir?: string;
  /** Stops the tree when it aborts, also while that starts. Then call `stop`, as at any end. */
  signal?: AbortSignal;
}

/** One message of {@linkcode ActorSystem.tellMany}. */
export interface OutgoingMessage {
  /** As in `tell`. */
  to: string;
  /** Type of the message. */
  type: string;
  /** Default `null`. */
  payload?: Json;
  /** As in `tell`. */
  options?: TellOptions;
}

/**
 * A running actor system, led by this process. What is durable of it stays in the data directory:
 * when it stops or dies, another process on the same directory goes on with it.
 */
export interface ActorSystem {
  /** As in the file. */
  readonly name: string;

  /**
   * Resolves when the supervision tree has ended, however it did: then call `stop`. Rejects when
   * another process took the system over, or its store is lost.
   */
  readonly ended: Promise<Ending>;

  /**
   * Sends a message to an actor and waits for the answer.
   *
   * @param to `actor://name/key`, or `actor://name` for the instance `main` or an agent
   * @param options `timeoutMs`: default 5 s. `signal`: gives the answer up when it aborts
   * @throws {DenizenError} `TIMEOUT`, `OVERLOADED`, `RATE_LIMITED`, `ACCESS_DENIED`, `NO_ACTOR`,
   *   `ACTOR_CRASHED`, or what the actor answered with
   */
  ask(
    to: string,
    type: string,
    payload?: Json,
    options?: { timeoutMs?: number; lane?: "high" | "normal" | "low"; signal?: AbortSignal },
  ): Promise<Json>;

  /**
   * Sends a message; resolves when the receiver's mailbox has it, of a durable one when it is on
   * disk.
   *
   * @throws {DenizenError} as `ask` does when it is refused
   */
  tell(to: string, type: string, payload?: Json, options?: TellOptions): Promise<void>;

  /** Sends many messages; tells of each whether it was taken, in order. */
  tellMany(
    messages: readonly OutgoingMessage[],
  ): Promise<({ status: "taken" } | { status: "refused"; error: ErrorData })[]>;

  /** Publishes to a topic; resolves when every subscriber has it, or refused it. */
  publish(topic: string, payload?: Json, options?: TellOptions): Promise<void>;

  /** The last retained messages of a topic, oldest first. Default: at most 100. */
  history(topic: string, last?: number): Publication[];

  /** The supervision tree, with restarts and their reasons. */
  tree(): TreeView;

  /** The tree as lines of text. */
  treeLines(): string[];

  /** Numbers of the system. */
  stats(): SystemStats;

  /**
   * Terminates a child of the tree, by its id, until it is restarted.
   *
   * @throws {DenizenError} `CHILD_NOT_FOUND` and the like
   */
  terminateChild(id: string): void;

  /**
   * Starts a child that is down.
   *
   * @throws {DenizenError} `CHILD_NOT_FOUND`, `CHILD_RUNNING` and the like
   */
  restartChild(id: string): void;

  /**
   * Stops the tree right to left, then the virtual actors, ends the cells and gives the system
   * back. Durable messages stay.
   */
  stop(): Promise<Ending>;
}

/**
 * Starts an actor system, and goes on with what an earlier process left of it.
 *
 * @param source path of a system file, or what `defineSystem` made
 * @throws {InvalidSystemError} `INVALID_SYSTEM` with every issue found
 * @throws {ConflictError} `SYSTEM_TAKEN` when a living process leads it on this directory
 * @throws {DenizenError} `SYSTEM_STOPPED` when `signal` aborts before the tree starts
 *
 * @example
 * ```ts ignore
 * import { openActorSystem } from "denizen";
 *
 * const system = await openActorSystem("./system.yaml", { dataDir: ".denizen" });
 * const count = await system.ask("actor://counter", "add", { by: 2 });
 * await system.stop();
 * ```
 */
export async function openActorSystem(
  source: string | SystemDefinition,
  options: ActorSystemOptions,
): Promise<ActorSystem> {
  const { dataDir, moduleDir = process.cwd() } = options;
  const loaded = typeof source === "string" ? source : await loadDefinition(source, {
    moduleDir: resolve(moduleDir),
    cacheDir: join(resolve(dataDir), "bundles"),
    foreign: "defer",
  });
  const { system, close } = await hostActorSystem(loaded, options);
  const stop = async () => {
    await close();
    return await system.stop();
  };
  return {
    name: system.name,
    get ended() {
      return system.ended;
    },
    ask: (...args) => system.ask(...args),
    tell: (...args) => system.tell(...args),
    tellMany: (messages) => system.tellMany(messages),
    publish: (...args) => system.publish(...args),
    history: (...args) => system.history(...args),
    tree: () => system.tree(),
    treeLines: () => system.treeLines(),
    stats: () => system.stats(),
    terminateChild: (id) => system.terminateChild(id),
    restartChild: (id) => system.restartChild(id),
    stop,
  };
}
