/**
 * A node of a cluster that leads actor systems and nothing else: membership, link, cells, store.
 *
 * @module
 */
import { join } from "node:path";
import { stringify } from "yaml";
import { loadSystem } from "../../../runtime/actors/mod.ts";
import { openAudit } from "../../../runtime/audit/mod.ts";
import { createCells } from "../../../runtime/cells/mod.ts";
import { NodeLink } from "../../../runtime/cluster/link/mod.ts";
import { Membership } from "../../../runtime/cluster/mod.ts";
import { type SystemContent, systemsClusterOf } from "../../../runtime/cluster/systems/mod.ts";
import { systemClock } from "../../../runtime/node/clock.ts";
import { HostedSystems } from "../../../runtime/node/hosted_systems.ts";
import { openStores, type Stores } from "../../../runtime/node/open_store.ts";
import { identifyProcess, isGone, retire } from "../../../runtime/node/process_identity.ts";

const TOKEN = "T".repeat(43);
const HEARTBEATS = 5;

/** A system of one actor that keeps a list of what it was told, and its length. */
const LIST = `
import { defineActor } from "denizen";
import { z } from "zod";
export default defineActor({
  name: "list",
  state: z.object({ items: z.array(z.any()).default([]) }),
  on: {
    add: (item: any, ctx) => { ctx.state.items.push(item); return ctx.state.items.length; },
    read: (_payload, ctx) => ctx.state.items,
    count: (_payload, ctx) => ctx.state.items.length,
  },
});
`;

/** Writes the files of a system into a folder. */
export async function writeSystem(folder: string, name = "lists"): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  await Deno.writeTextFile(join(folder, "list.ts"), LIST);
  const subscriptions = [{ topic: "all.items", to: "actor://list/topic", message: "add" }];
  const actors = { list: { module: "./list.ts" } };
  await Deno.writeTextFile(file, stringify({ system: name, actors, subscriptions }));
  return file;
}

/** `listen` and `advertise` as of the link. */
interface NodeOptions {
  electionTimeoutMs?: number;
  listen?: string;
  advertise?: string;
}

export interface SystemNode {
  systems: HostedSystems;
  link: NodeLink;
  membership: Membership;
  errors: unknown[];
  /** As the first run of a workflow does that names the system. */
  start(file: string): Promise<void>;
  close(): Promise<void>;
}

export async function startSystemNode(
  folder: string,
  nodeId: string,
  { electionTimeoutMs = 1_000, listen, advertise }: NodeOptions = {},
): Promise<SystemNode> {
  const dataDir = join(folder, "data");
  const stores = await openStores({ dataDir });
  const audit = openAudit(stores.audit, systemClock);
  const link = await NodeLink.open({ token: TOKEN, listen, advertise, onRefused: () => {} });
  const cells = createCells({});
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const membership = newMembership({ stores, nodeId, link, electionTimeoutMs, onError });
  const codes = new Map<string, string>();
  const systems = new HostedSystems({
    open: () => Promise.resolve({ stores, audit }),
    cells,
    holder: identifyProcess(nodeId),
    loadCode: (hash) => Promise.resolve(codes.get(hash)!),
    cluster: systemsClusterOf({
      link: () => link,
      membership: () => membership,
      electionTimeoutMs,
      isGoneHere: isGone,
    }),
    onError,
  });
  await membership.start();
  systems.join();
  const close = async () => {
    await systems.close();
    await membership.drain();
    await membership.stop();
    await cells.close();
    await link.close();
    await audit.close();
    await stores.close();
    retire(nodeId);
  };
  const start = async (file: string) => {
    const content = await loadContent(file, dataDir, codes);
    await systems.start(content, folder);
  };
  return { systems, link, membership, errors, start, close };
}

async function loadContent(
  file: string,
  dataDir: string,
  codes: Map<string, string>,
): Promise<SystemContent> {
  const { definition, bundles } = await loadSystem(file, { cacheDir: join(dataDir, "bundles") });
  for (const { hash, code } of bundles.values()) codes.set(hash, code);
  const code = Object.fromEntries([...bundles].map(([name, { hash }]) => [name, hash]));
  return { file, definition, code };
}

function newMembership({ stores, nodeId, link, electionTimeoutMs, onError }: {
  stores: Stores;
  nodeId: string;
  link: NodeLink;
  electionTimeoutMs: number;
  onError: (error: unknown) => void;
}): Membership {
  return new Membership({
    runs: stores.runs,
    cluster: stores.cluster,
    settings: {
      nodeId,
      boot: crypto.randomUUID(),
      partitions: 0,
      electionTimeoutMs,
      heartbeatMs: electionTimeoutMs / HEARTBEATS,
    },
    leading: {
      lead: async () => {},
      suspend: () => {},
      resume: () => {},
      drop: () => {},
      handOver: async () => {},
      describe: () => ({ partitions: [], runs: 0 }),
    },
    holder: identifyProcess(nodeId),
    url: link.url,
    version: "0.0.0",
    bells: [],
    onError,
  });
}
