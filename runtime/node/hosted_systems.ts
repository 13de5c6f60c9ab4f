/**
 * The actor systems that runs of a node use. Each is started with the first run that names it, and
 * stays until the node closes. On a cluster, a system is led by one of the nodes, and reached from
 * all of them.
 *
 * @module
 */
import { ConflictError } from "../../core/errors.ts";
import type { Holder } from "../../core/ports.ts";
import type { ActorSystem, SystemDoor } from "../actors/mod.ts";
import type { AuditLog } from "../audit/mod.ts";
import type { Cell, Cells, Seals } from "../cells/mod.ts";
import {
  ClusterSystems,
  readCode,
  RECORD_ADDRESS,
  type SystemContent,
  type SystemsCluster,
  writeRecord,
} from "../cluster/systems/mod.ts";
import type { Stores } from "./open_store.ts";
import type { SystemPackage } from "./packages.ts";

export interface HostedSystemsOptions {
  open: () => Promise<{ stores: Stores; audit: AuditLog }>;
  cells: Cells;
  holder: Holder;
  /** The bundled module of that hash. */
  loadCode: (codeHash: string) => Promise<string>;
  /**
   * Of a node of a cluster: then call {@linkcode HostedSystems.join} once the node is a member, and
   * {@linkcode HostedSystems.drain} before it ceases to be one. What stands in it is not called
   * before `join`, `start` or a message.
   */
  cluster?: SystemsCluster;
  /** Told what fails while nobody waits for it. */
  onError?: (error: unknown) => void;
}

interface Hosted {
  /** Canonical text of what it was started with. */
  text: string;
  content: SystemContent;
  starting: Promise<ActorSystem>;
  /** While it is up. */
  system: ActorSystem | null;
  /** Resolves when it has ended and is given back. */
  gone: Promise<void>;
}

export class HostedSystems {
  readonly #options: HostedSystemsOptions;
  readonly #hosted = new Map<string, Hosted>();
  readonly #cluster: ClusterSystems | null;

  constructor(options: HostedSystemsOptions) {
    this.#options = options;
    const { cluster, holder, open, onError = () => {} } = options;
    this.#cluster = cluster === undefined ? null : new ClusterSystems({
      cluster,
      nodeId: holder.nodeId,
      store: async () => (await open()).stores.actors,
      hosted: (name) => this.#hosted.get(name)?.system ?? null,
      isBusyWith: (name) => this.#hosted.has(name),
      host: ({ content, workDir }) => this.#host(content, workDir),
      contentOf: (name) => this.#hosted.get(name)?.content ?? null,
      onError,
    });
  }

  /** Names of the systems that this node leads. */
  get led(): string[] {
    return [...this.#hosted].filter(([, { system }]) => system !== null).map(([name]) => name);
  }

  /** Answers the other nodes of the cluster, and takes systems that nobody leads. */
  join(): void {
    this.#cluster?.join();
  }

  /**
   * Gives back every system that this node leads, and lets other nodes go on with them. Messages of
   * this node go to these from now on.
   */
  async drain(): Promise<void> {
    if (this.#cluster === null) return;
    await this.#cluster.leave();
    await Promise.all([...this.#hosted].map(async ([name, { starting, gone }]) => {
      await (await starting.catch(() => null))?.stop();
      await gone;
      await this.#cluster!.handOver(name);
    }));
  }

  /** The system of that name, if it is up; on a cluster, the way to it. */
  find(name: string): SystemDoor | null {
    return this.#cluster?.door(name) ?? this.#hosted.get(name)?.system ?? null;
  }

  /**
   * Makes sure that a system is up.
   *
   * @param workDir folder at which relative paths of permissions begin; that of the first run counts
   * @param code modules by their hash, as far as they are at hand
   * @throws {ConflictError} `SYSTEM_TAKEN` when another process leads it, or this node with other
   *   actors
   */
  async start(
    content: SystemPackage,
    workDir: string,
    code?: ReadonlyMap<string, string>,
  ): Promise<void> {
    if (this.#cluster === null) await this.#host(content, workDir, code);
    else await this.#cluster.start({ content, workDir }, await this.#sealsOf(content));
  }

  /** Messages are sealed where they come from, whoever leads the system. */
  async #sealsOf({ file, definition }: SystemContent): Promise<Seals | null> {
    if (definition.actors.every(({ encrypt }) => encrypt === undefined)) return null;
    const { keysFor, sealsOfOutside } = await import("./start_system.ts");
    return await sealsOfOutside({
      loaded: { definition },
      keyRing: await keysFor({ definition, file }),
    });
  }

  async #host(
    content: SystemContent,
    workDir: string,
    code?: ReadonlyMap<string, string>,
  ): Promise<ActorSystem> {
    const { definition: { name }, file } = content;
    const text = JSON.stringify([content.definition, content.code]);
    const known = this.#hosted.get(name);
    // One that has ended is given back first.
    if (known !== undefined && known.system === null) {
      await known.starting.catch(() => {});
      if (this.#hosted.get(name)?.system === null) await known.gone;
    }
    let hosted = this.#hosted.get(name);
    if (hosted === undefined) {
      const starting = this.#start(content, workDir, code);
      hosted = { text, content, starting, system: null, gone: Promise.resolve() };
      this.#hosted.set(name, hosted);
      hosted.gone = this.#follow(name, hosted);
    }
    if (hosted.text !== text) throw differs(name, file);
    return await hosted.starting;
  }

  async #start(
    content: SystemContent,
    workDir: string,
    code?: ReadonlyMap<string, string>,
  ): Promise<ActorSystem> {
    const { open, cells, holder, cluster } = this.#options;
    const { file, definition, code: hashes } = content;
    // Most runs have no use for it, and are to start fast.
    const { keysFor, startSystem } = await import("./start_system.ts");
    const keyRing = await keysFor({ definition, file });
    const { stores, audit } = await open();
    const codeOf = await this.#loadCode(content, stores, code);
    const bundles = new Map(
      definition.actors.map(({ name }) => {
        const hash = hashes[name]!;
        return [name, { hash, code: codeOf(hash) }] as const;
      }),
    );
    const loaded = { file, definition, bundles };
    const start = { loaded, keyRing, stores, audit, cells, holder, workDir };
    if (cluster === undefined) return await startSystem(start);
    return await startSystem({
      ...start,
      lease: cluster,
      isGone: (known) => cluster.isGone(known),
      onClaimed: (fence) => writeRecord(stores.actors, fence, { content, workDir }, codeOf),
    });
  }

  /** From the run that brings it, from an earlier leader of the system, or from the packages. */
  async #loadCode(
    content: SystemContent,
    stores: Stores,
    code: ReadonlyMap<string, string> = new Map(),
  ): Promise<(hash: string) => string> {
    const { loadCode } = this.#options;
    const isKept = this.#cluster !== null && code.size === 0;
    const kept = isKept ? await readCode(stores.actors, content) : code;
    const loaded = new Map(
      await Promise.all(
        [...new Set(Object.values(content.code))].map(async (hash) =>
          [hash, kept.get(hash) ?? await loadCode(hash)] as const
        ),
      ),
    );
    return (hash) => loaded.get(hash)!;
  }

  /** A system that has ended, however it did, is started anew by the next run that names it. */
  async #follow(name: string, hosted: Hosted): Promise<void> {
    let forget: { forget?: string } = {};
    let system: ActorSystem | null = null;
    try {
      system = await hosted.starting;
      hosted.system = system;
      await system.ended;
      // Nobody stopped it: no other node is to go on with it.
      if (this.#cluster !== null) forget = { forget: RECORD_ADDRESS };
    } catch {
      // Whoever waits for the start is told; later on, whoever sends to it.
    }
    hosted.system = null;
    await system?.stop(forget);
    if (this.#hosted.get(name) === hosted) this.#hosted.delete(name);
  }

  /** A cell with attempts is gone: nobody in it waits for answers any more. */
  forgetCell(cell: Cell): void {
    this.#cluster?.forgetCell(cell);
    for (const { system } of this.#hosted.values()) system?.forgetCell(cell);
  }

  /** Stops all in order. */
  async close(): Promise<void> {
    await this.drain();
    const systems = await Promise.allSettled(
      [...this.#hosted.values()].map(({ starting }) => starting),
    );
    await Promise.all(systems.map(async (started) => {
      if (started.status === "fulfilled") await started.value.stop();
    }));
    this.#cluster?.close();
  }
}

function differs(name: string, file: string): ConflictError {
  return new ConflictError("SYSTEM_TAKEN", {
    message: `Actor system "${name}" of "${file}" is up in this process with other actors`,
    hint: "Start this run in a process of its own, or give the system another name",
  });
}
