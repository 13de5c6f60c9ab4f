import { resolve } from "node:path";
import { monotonicFactory } from "ulid";
import { DenizenError, UnavailableError } from "../../core/errors.ts";
import { type AgentRegistry, openAgentRegistry } from "../agents/mod.ts";
import { openAudit } from "../audit/mod.ts";
import { type Cells, createCells } from "../cells/mod.ts";
import { systemClock } from "./clock.ts";
import { ClusterClient } from "./cluster_client.ts";
import { isServed } from "./cluster_reader.ts";
import type { DenizenNode } from "./denizen_node.ts";
import { openExistingStores, type StorePlace, type Stores } from "./open_store.ts";
import { PackageShelf } from "./package_shelf.ts";
import { identifyProcess, retire } from "./process_identity.ts";
import { readRuns } from "./reader.ts";

/**
 * Opens a client of the nodes that serve a place: what it submits, they run. Closing it stops no run.
 *
 * @param options `cells`: for what loading a file asks of agents; they are closed with the client
 * @throws {UnavailableError} `SERVER_NOT_FOUND` when no node lives there
 */
export async function openClient(
  place: StorePlace,
  options: { cells?: Cells } = {},
): Promise<DenizenNode> {
  const client = await findClient(place, options);
  if (client !== null) return client;
  throw new UnavailableError("SERVER_NOT_FOUND", {
    message: `Found no living node on ${
      place.store === undefined ? `"${place.dataDir}"` : "that store"
    }`,
    hint: "Start one with: deno task serve",
  });
}

/** As {@linkcode openClient}; `null` where no node lives. */
export async function findClient(
  place: StorePlace,
  { cells }: { cells?: Cells } = {},
): Promise<DenizenNode | null> {
  const stores = await openIfThere(place);
  if (stores === null) return null;
  try {
    if (await isServed(stores.cluster)) return await newClient(place, stores, cells);
    await stores.close();
    return null;
  } catch (error) {
    await stores.close();
    throw error;
  }
}

async function openIfThere(place: StorePlace): Promise<Stores | null> {
  try {
    return await openExistingStores(place, { what: "cluster", hint: "" });
  } catch (error) {
    if (error instanceof DenizenError && error.code === "DATA_DIR_MISSING") return null;
    throw error;
  }
}

async function newClient(
  { dataDir }: StorePlace,
  stores: Stores,
  cells: Cells = createCells({ spares: 0 }),
): Promise<DenizenNode> {
  const { partitions } = (await stores.cluster.knownSettings())!;
  const nodeId = `client-${monotonicFactory()()}`;
  const audit = openAudit(stores.audit, systemClock);
  let agents: Promise<AgentRegistry> | null = null;
  return new ClusterClient({
    stores,
    shelf: new PackageShelf(() => Promise.resolve(stores.runs)),
    reader: readRuns(stores),
    partitions,
    holder: identifyProcess(nodeId),
    dataDir: resolve(dataDir),
    ring: (topics) => stores.cluster.bell?.ring(topics),
    cells,
    registered: async () => {
      agents ??= openAgentRegistry({
        documents: stores.documents,
        blobs: stores.runs,
        cells,
        dataDir: resolve(dataDir),
        now: () => systemClock.now(),
        audit,
      });
      return (await agents).roster;
    },
    onClose: async () => {
      await (await agents)?.close();
      await audit.close();
      await cells.close();
      await stores.close();
      retire(nodeId);
    },
  });
}
