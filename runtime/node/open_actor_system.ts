/**
 * Opens an actor system in a data directory: its file, its cells, its store, its audit log.
 *
 * @module
 */
import { join, resolve } from "node:path";
import process from "node:process";
import { monotonicFactory } from "ulid";
import type { DeliveryEvent } from "../../actors/delivery/mod.ts";
import type { SystemFence } from "../../core/actor_ports.ts";
import { EXTERNAL, mayMatchActor } from "../../actors/messages/mod.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import {
  type ActorContent,
  ActorSystem,
  type KeyRing,
  type LoadedSystem,
  loadKeyRing,
  loadSystem,
  type SystemNews,
} from "../actors/mod.ts";
import { type AuditLog, openAudit } from "../audit/mod.ts";
import { type Cells, createCells, createSeals, type ModuleHost } from "../cells/mod.ts";
import { type KvStores, openKvStores } from "../store/mod.ts";
import { systemClock } from "./clock.ts";
import { prepareDataDir, storePath } from "./open_store.ts";
import { identifyProcess, isGone, retire } from "./process_identity.ts";
import { resolveGrants } from "./agents_of_run.ts";

export interface ActorSystemFileOptions {
  /** State directory; created when missing. */
  dataDir: string;
  /** Hears of crashes, refusals, log lines and changes of the tree. */
  onNews?: (news: SystemNews) => void;
  /** Folder at which relative paths of permissions begin. Default: that of the process. */
  workDir?: string;
}

/** An actor system that this process leads. */
export interface OpenActorSystem {
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
 */
export async function openActorSystem(
  file: string | LoadedSystem,
  options: ActorSystemFileOptions,
): Promise<OpenActorSystem> {
  const dataDir = resolve(options.dataDir);
  const loaded = typeof file === "string"
    ? await loadSystem(file, { cacheDir: join(dataDir, "bundles"), foreign: "defer" })
    : file;
  const keyRing = await keysFor(loaded);
  await prepareDataDir(dataDir);
  const stores = await openKvStores<RunEvent, DeliveryEvent>(storePath(dataDir));
  const nodeId = `actors-${monotonicFactory()()}`;
  try {
    return await open({ loaded, keyRing, stores, nodeId, options });
  } catch (error) {
    stores.close();
    retire(nodeId);
    throw error;
  }
}

interface Opening {
  loaded: LoadedSystem;
  keyRing: KeyRing | null;
  stores: KvStores<RunEvent, DeliveryEvent>;
  nodeId: string;
  options: ActorSystemFileOptions;
}

async function open(opening: Opening): Promise<OpenActorSystem> {
  const { loaded, stores, nodeId, options } = opening;
  const fence = await claim(stores, loaded.definition.name, nodeId);
  const audit = openAudit(stores.audit, systemClock);
  const cells = createCells({});
  const close = async () => {
    await cells.close();
    await audit.close();
    stores.close();
    retire(nodeId);
  };
  try {
    const system = await ActorSystem.start({
      definition: loaded.definition,
      contents: await contentsOf(opening),
      fleet: cells.fleet,
      store: stores.actors,
      fence,
      clock: systemClock,
      random: Math.random,
      seals: await createSeals(secretsOf(opening, null), PAYLOAD_CHARS_MAX),
      onNews: (news) => {
        recordNews(audit, news);
        options.onNews?.(news);
      },
    });
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

async function claim(
  stores: KvStores<RunEvent, DeliveryEvent>,
  name: string,
  nodeId: string,
): Promise<SystemFence> {
  const holder = await stores.actors.systemHolder(name);
  if (holder !== null && !isGone(holder)) {
    throw new ConflictError("SYSTEM_TAKEN", {
      message: `Process ${holder.pid} leads actor system "${name}" on this data directory`,
      hint: "Stop it, or choose another folder with --data DIR",
      details: { pid: holder.pid },
    });
  }
  return await stores.actors.claimSystem(name, identifyProcess(nodeId), holder);
}

/** Keys are wanted only where something is encrypted. */
async function keysFor({ definition, file }: LoadedSystem): Promise<KeyRing | null> {
  const names = definition.actors.flatMap(({ encrypt }) =>
    encrypt === undefined ? [] : [encrypt.key]
  );
  if (names.length === 0) return null;
  const keyRing = await loadKeyRing();
  const missing = names.find((name) => !keyRing.has(name));
  if (missing === undefined) return keyRing;
  throw new InvalidInputError("SEALING_KEY_MISSING", {
    message: `Cannot find key "${missing}" that "${file}" encrypts with`,
    hint: "Put it into DENIZEN_ACTOR_KEYS; see docs/actors.md",
  });
}

/** Longest payload of a message from outside once it is sealed. */
const PAYLOAD_CHARS_MAX = 8 * 1024 * 1024;

/**
 * Who encrypts, and the keys for it: of an actor its own, and those of actors that may accept its
 * messages; of the node (`null`), which seals for everybody outside, of those that accept these.
 */
function secretsOf({ loaded, keyRing }: Opening, name: string | null): ModuleHost {
  if (keyRing === null) return {};
  const sealed: Record<string, string> = {};
  for (const { name: receiver, encrypt, accept } of loaded.definition.actors) {
    const isReachable = accept?.from === undefined ||
      accept.from.some((pattern) =>
        name === null ? pattern === EXTERNAL : mayMatchActor(pattern, name)
      );
    if (encrypt !== undefined && (isReachable || receiver === name)) {
      sealed[receiver] = encrypt.key;
    }
  }
  if (Object.keys(sealed).length === 0) return {};
  return { sealed, keys: keyRing.pick(new Set(Object.values(sealed))) };
}

async function contentsOf(
  opening: Opening,
): Promise<Map<string, ActorContent>> {
  const { options, loaded: { definition, bundles } } = opening;
  const workDir = resolve(options.workDir ?? process.cwd());
  const contents = new Map<string, ActorContent>();
  for (const spec of definition.actors) {
    const { code, hash } = bundles.get(spec.name)!;
    const host = {
      options: spec.options,
      name: spec.name,
      ...secretsOf(opening, spec.name),
    };
    contents.set(spec.name, {
      code,
      host,
      manifest: {
        name: spec.name,
        codeHash: hash,
        permissions: await resolveGrants(spec.permissions, workDir),
        workDir,
        concurrency: 1,
        replicas: spec.replicas,
        memoryMb: spec.memoryMb,
      },
    });
  }
  return contents;
}

/** What the audit log keeps: refusals, denied accesses, crashes, messages that were given up. */
function recordNews(audit: AuditLog, news: SystemNews): void {
  switch (news.type) {
    case "refused": {
      const { from, to, messageType, error: { code, message } } = news;
      return audit.record({ kind: "refusal", from, to, code, message, details: { messageType } });
    }
    case "denied": {
      const { address, permission, value, message } = news;
      const details = { permission, value };
      return audit.record({
        kind: "denial",
        from: address,
        to: null,
        code: "PERMISSION_DENIED",
        message,
        details,
      });
    }
    case "crashed": {
      const { address, error: { code, message } } = news;
      return audit.record({ kind: "crash", from: address, to: null, code, message });
    }
    case "dead": {
      const { from, to, reason, letterId, messageType } = news;
      const message = `Gave up message "${messageType}"`;
      const details = { letterId };
      return audit.record({ kind: "dead-letter", from, to, code: reason, message, details });
    }
  }
}
