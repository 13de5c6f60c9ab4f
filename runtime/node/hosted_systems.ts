/**
 * The actor systems that runs of a node use. Each is started with the first run that names it, and
 * stays until the node closes.
 *
 * @module
 */
import { ConflictError } from "../../core/errors.ts";
import type { Holder } from "../../core/ports.ts";
import type { ActorSystem } from "../actors/mod.ts";
import type { AuditLog } from "../audit/mod.ts";
import type { Cell, Cells } from "../cells/mod.ts";
import type { Stores } from "./open_store.ts";
import type { SystemPackage } from "./packages.ts";

export interface HostedSystemsOptions {
  open: () => Promise<{ stores: Stores; audit: AuditLog }>;
  cells: Cells;
  holder: Holder;
  /** The bundled module of that hash. */
  loadCode: (codeHash: string) => Promise<string>;
}

interface Hosted {
  /** Canonical text of what it was started with. */
  content: string;
  starting: Promise<ActorSystem>;
  /** Once it has started. */
  system: ActorSystem | null;
}

export class HostedSystems {
  readonly #options: HostedSystemsOptions;
  readonly #hosted = new Map<string, Hosted>();

  constructor(options: HostedSystemsOptions) {
    this.#options = options;
  }

  /** The system of that name, if it is up. */
  find(name: string): ActorSystem | null {
    return this.#hosted.get(name)?.system ?? null;
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
    const { name } = content.definition;
    const text = JSON.stringify([content.definition, content.code]);
    let hosted = this.#hosted.get(name);
    if (hosted === undefined) {
      hosted = { content: text, starting: this.#start(content, workDir, code), system: null };
      this.#hosted.set(name, hosted);
      this.#follow(name, hosted);
    }
    if (hosted.content !== text) throw differs(name, content.file);
    await hosted.starting;
  }

  async #start(
    { file, definition, code: hashes }: SystemPackage,
    workDir: string,
    code?: ReadonlyMap<string, string>,
  ): Promise<ActorSystem> {
    const { open, cells, holder, loadCode } = this.#options;
    // Most runs have no use for it, and are to start fast.
    const { keysFor, startSystem } = await import("./start_system.ts");
    const keyRing = await keysFor({ definition, file });
    const bundles = new Map(
      await Promise.all(definition.actors.map(async ({ name }) => {
        const hash = hashes[name]!;
        return [name, { hash, code: code?.get(hash) ?? await loadCode(hash) }] as const;
      })),
    );
    const loaded = { file, definition, bundles };
    return await startSystem({ loaded, keyRing, ...await open(), cells, holder, workDir });
  }

  /** A system that has ended, however it did, is started anew by the next run that names it. */
  async #follow(name: string, hosted: Hosted): Promise<void> {
    try {
      hosted.system = await hosted.starting;
      await hosted.system.ended;
    } catch {
      // Whoever waits for the start is told; later on, whoever sends to it.
    }
    if (this.#hosted.get(name) === hosted) this.#hosted.delete(name);
    await hosted.system?.stop();
  }

  /** A cell with attempts is gone: nobody in it waits for answers any more. */
  forgetCell(cell: Cell): void {
    for (const { system } of this.#hosted.values()) system?.forgetCell(cell);
  }

  /** Stops all in order. */
  async close(): Promise<void> {
    const systems = await Promise.allSettled(
      [...this.#hosted.values()].map(({ starting }) => starting),
    );
    await Promise.all(systems.map(async (started) => {
      if (started.status === "fulfilled") await started.value.stop();
    }));
  }
}

function differs(name: string, file: string): ConflictError {
  return new ConflictError("SYSTEM_TAKEN", {
    message: `Actor system "${name}" of "${file}" is up in this process with other actors`,
    hint: "Start this run in a process of its own, or give the system another name",
  });
}
