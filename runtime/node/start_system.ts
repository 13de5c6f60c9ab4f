/**
 * Starts an actor system in a process that has cells, stores and an audit log: claims it, gives each
 * actor its code, rights and keys, and writes down what is refused.
 *
 * @module
 */
import { resolve } from "node:path";
import { EXTERNAL, mayMatchActor } from "../../actors/messages/mod.ts";
import type { SupervisorSpec } from "../../actors/supervision/mod.ts";
import type { ActorSpec, SystemDefinition } from "../../actors/system/mod.ts";
import type { SystemFence } from "../../core/actor_ports.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { Holder } from "../../core/ports.ts";
import {
  type ActorContent,
  ActorSystem,
  type KeyRing,
  type Lease,
  loadKeyRing,
  type SystemNews,
} from "../actors/mod.ts";
import type { AuditLog } from "../audit/mod.ts";
import { type Cells, createSeals, type ModuleHost, type Seals } from "../cells/mod.ts";
import { resolveGrants } from "./agents_of_run.ts";
import { systemClock } from "./clock.ts";
import type { Stores } from "./open_store.ts";
import { isGone } from "./process_identity.ts";

/** A system file with the code that it names. */
export interface StartableSystem {
  /** For messages. */
  file: string;
  definition: SystemDefinition;
  /** Code and its SHA-256 (hex) by the actor's name. */
  bundles: ReadonlyMap<string, { code: string; hash: string }>;
}

/** What a system is started with. */
export interface SystemStart {
  loaded: StartableSystem;
  keyRing: KeyRing | null;
  stores: Stores;
  cells: Cells;
  audit: AuditLog;
  /** Who leads it from now on. */
  holder: Holder;
  /** Folder at which relative paths of permissions begin. */
  workDir: string;
  onNews?: (news: SystemNews) => void;
  /** Stops the system when it aborts, also while that starts. */
  signal?: AbortSignal;
  /** Where another process may take it over while both live. */
  lease?: Lease;
  /** Whether a process is gone for certain. Default: one of this machine that has ended. */
  isGone?: (holder: Holder) => boolean;
  /** Called with the fence before anything else is written with it. */
  onClaimed?: (fence: SystemFence) => Promise<void>;
}

/** Longest payload of a message from outside once it is sealed. */
const PAYLOAD_CHARS_MAX = 8 * 1024 * 1024;

/**
 * Starts a system, and goes on with what an earlier process left of it.
 *
 * @throws {ConflictError} `SYSTEM_TAKEN` when a living process leads it on this directory
 */
export async function startSystem(start: SystemStart): Promise<ActorSystem> {
  const { loaded: { definition }, stores, cells, audit, onNews, signal, lease } = start;
  const contents = await contentsOf(start);
  const seals = await sealsOfOutside(start);
  return await ActorSystem.start({
    definition,
    contents,
    fleet: cells.fleet,
    store: stores.actors,
    fence: await claim(start),
    clock: systemClock,
    random: Math.random,
    seals,
    ...(signal === undefined ? {} : { signal }),
    ...(lease === undefined ? {} : { lease }),
    onNews: (news) => {
      recordNews(audit, news);
      onNews?.(news);
    },
  });
}

async function claim(start: SystemStart): Promise<SystemFence> {
  const { stores, holder, loaded: { definition: { name } } } = start;
  const known = await stores.actors.systemHolder(name);
  // What this very node held, it lost: it starts a system once at a time.
  const isFree = known === null || known.nodeId === holder.nodeId ||
    (start.isGone ?? isGone)(known);
  if (!isFree) {
    throw new ConflictError("SYSTEM_TAKEN", {
      message: `Process ${known.pid} leads actor system "${name}" on this data directory`,
      hint: "Stop it, or choose another folder with --data DIR",
      details: { pid: known.pid },
    });
  }
  const fence = await stores.actors.claimSystem(name, holder, known);
  try {
    await start.onClaimed?.(fence);
  } catch (error) {
    await stores.actors.releaseSystem(fence).catch(() => {});
    throw error;
  }
  return fence;
}

/**
 * The key ring of the environment; `null` where nothing is encrypted.
 *
 * @throws {InvalidInputError} `SEALING_KEY_MISSING`, and as `loadKeyRing()` does
 */
export async function keysFor(
  { definition, file }: Pick<StartableSystem, "definition" | "file">,
): Promise<KeyRing | null> {
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

/** What seals messages from outside of a system; `null` where no actor that takes them encrypts. */
export function sealsOfOutside(start: {
  loaded: Pick<StartableSystem, "definition">;
  keyRing: KeyRing | null;
}): Promise<Seals | null> {
  return createSeals(secretsOf(start, null), PAYLOAD_CHARS_MAX);
}

/**
 * Who encrypts, and the keys for it: of an actor its own, and those of actors that may accept its
 * messages; of the node (`null`), which seals for everybody outside, of those that accept these.
 */
function secretsOf(
  { loaded, keyRing }: { loaded: Pick<StartableSystem, "definition">; keyRing: KeyRing | null },
  name: string | null,
): ModuleHost {
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

async function contentsOf(start: SystemStart): Promise<Map<string, ActorContent>> {
  const { loaded: { definition, bundles } } = start;
  const workDir = resolve(start.workDir);
  const contents = new Map<string, ActorContent>();
  for (const spec of definition.actors) {
    const { code, hash } = bundles.get(spec.name)!;
    const host = {
      options: spec.options,
      name: spec.name,
      ...secretsOf(start, spec.name),
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
        replicas: replicasOf(spec, definition.supervisor),
        memoryMb: spec.memoryMb,
      },
    });
  }
  return contents;
}

/** Children of the tree that must each be alone have cells beside those that virtual actors share. */
function replicasOf({ name, isolation, replicas }: ActorSpec, tree: SupervisorSpec) {
  if (isolation === "shared") return replicas;
  return { min: replicas.min, max: replicas.max + countChildren(tree, name) };
}

function countChildren({ children }: SupervisorSpec, actor: string): number {
  return children.reduce((count, child) =>
    count +
    (child.kind === "supervisor"
      ? countChildren(child.supervisor, actor)
      : Number(child.actor === actor)), 0);
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
