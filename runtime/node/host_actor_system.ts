/**
 * Opens an actor system in a data directory: its file, its cells, its store, its audit log.
 *
 * @module
 */
import { join, resolve } from "node:path";
import process from "node:process";
import { monotonicFactory } from "ulid";
import { type ActorSystem, type LoadedSystem, loadSystem, type SystemNews } from "../actors/mod.ts";
import { type AuditLog, openAudit } from "../audit/mod.ts";
import { type Cells, createCells } from "../cells/mod.ts";
import { systemClock } from "./clock.ts";
import { openStores } from "./open_store.ts";
import { identifyProcess, retire } from "./process_identity.ts";
import { keysFor, startSystem, type SystemStart } from "./start_system.ts";

export interface ActorSystemFileOptions {
  /** State directory; created when missing. */
  dataDir: string;
  /** `kv:FILE`, `postgres://…` or `https://…`. Default: a KV file in the state directory. */
  store?: string;
  /** Hears of crashes, refusals, log lines and changes of the tree. */
  onNews?: (news: SystemNews) => void;
  /** Folder at which relative paths of permissions begin. Default: that of the process. */
  workDir?: string;
  /** Stops the system when it aborts, also while that starts. */
  signal?: AbortSignal;
}

/** An actor system that this process leads. */
export interface HostedActorSystem {
  readonly system: ActorSystem;
  /** Its cells, and the spares. */
  readonly cells: Cells;
  readonly audit: AuditLog;
  /** Stops the system in order and closes what it used. */
  close(): Promise<void>;
}

/**
 * Starts the system of a file, and goes on with what an earlier process left of it.
 *
 * @throws {InvalidSystemError} `INVALID_SYSTEM` with every issue found
 * @throws {ConflictError} `SYSTEM_TAKEN` when a living process leads it on this directory
 * @throws {DenizenError} `SYSTEM_STOPPED` when `signal` aborts before the tree starts
 */
export async function hostActorSystem(
  file: string | LoadedSystem,
  options: ActorSystemFileOptions,
): Promise<HostedActorSystem> {
  const { workDir = process.cwd(), onNews, signal } = options;
  const dataDir = resolve(options.dataDir);
  const loaded = typeof file === "string"
    ? await loadSystem(file, { cacheDir: join(dataDir, "bundles"), foreign: "defer" })
    : file;
  const keyRing = await keysFor(loaded);
  const stores = await openStores({ dataDir, store: options.store });
  const nodeId = `actors-${monotonicFactory()()}`;
  try {
    return await open({ loaded, keyRing, stores, workDir, onNews, signal }, nodeId);
  } catch (error) {
    await stores.close();
    retire(nodeId);
    throw error;
  }
}

type Opening = Pick<SystemStart, "loaded" | "keyRing" | "stores" | "workDir" | "onNews" | "signal">;

async function open(opening: Opening, nodeId: string): Promise<HostedActorSystem> {
  const { stores } = opening;
  const audit = openAudit(stores.audit, systemClock);
  const cells = createCells({});
  const close = async () => {
    await cells.close();
    await audit.close();
    await stores.close();
    retire(nodeId);
  };
  try {
    const holder = identifyProcess(nodeId);
    const system = await startSystem({ ...opening, cells, audit, holder });
    return {
      system,
      cells,
      audit,
      close: async () => {
        await system.stop();
        await close();
      },
    };
  } catch (error) {
    await cells.close();
    await audit.close();
    throw error;
  }
}
