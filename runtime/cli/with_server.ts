import { InvalidInputError, UnavailableError } from "../../core/errors.ts";
import { ApiClient, ApiRunReader } from "./api/mod.ts";
import type { Invocation } from "./command.ts";
import { requireFolder } from "./require_folder.ts";

/** What a key of the moment is for, and how long it counts should this process die. */
const KEY_NAME = "command line";
const KEY_MS = 10 * 60_000;

const MISSING = {
  what: "node",
  hint: "Start one with: deno task serve; or name another folder with --data DIR",
};

const NO_STORE = {
  what: "store",
  hint: "Name the state directory with --data DIR, the store with --store URL, or a --server URL",
};

/** The server that `--server` names; `null` without. @throws as {@linkcode withServer} */
export function namedServer({ text }: Invocation): ApiClient | null {
  const url = text("server");
  if (url === undefined) return null;
  const key = Deno.env.get("DENIZEN_API_KEY");
  if (key !== undefined && key !== "") return new ApiClient({ url, key });
  throw new InvalidInputError("SERVER_KEY_MISSING", {
    message: `Cannot ask the server at "${url}" without a key`,
    hint: "Set DENIZEN_API_KEY; this makes one, where the server is: deno task denizen keys create",
  });
}

/** Runs of the server that `--server` names; `null` without. */
export function namedServerRuns(invocation: Invocation): ApiRunReader | null {
  const api = namedServer(invocation);
  return api === null ? null : new ApiRunReader(api);
}

/**
 * Asks the server that `--server` names; without, a node that lives on the state directory: whoever
 * may read and write its store needs no key, and gets one for the moment.
 *
 * @throws {InvalidInputError} `SERVER_KEY_MISSING`, `OPTION_VALUE_WRONG`
 * @throws {UnavailableError} `SERVER_NOT_FOUND` when no node lives
 */
export async function withServer<T>(
  invocation: Invocation,
  work: (api: ApiClient) => Promise<T>,
): Promise<T> {
  const named = namedServer(invocation);
  if (named !== null) return await work(named);
  return await withLocalNode(invocation, (node) => withLentKey(node, work));
}

/** A node that lives on the state directory, and access to its store. */
export interface LocalNode {
  url: string;
  access: import("../access/mod.ts").AccessControl;
  actor: import("../access/mod.ts").KeyActor;
}

/** The stores of the state directory, with the audit log over them. */
export interface LocalStores {
  stores: import("../node/open_store.ts").Stores;
  audit: import("../audit/mod.ts").AuditLog;
}

/**
 * Works with a node that lives on the state directory.
 *
 * @throws {UnavailableError} `SERVER_NOT_FOUND` when none does
 */
export async function withLocalNode<T>(
  invocation: Invocation,
  work: (node: LocalNode) => Promise<T>,
): Promise<T> {
  return await withLocalStores(invocation, async (local) => {
    const node = await findLocalNode(local, invocation);
    if (node === null) throw noNode(invocation.dataDir);
    return await work(node);
  });
}

/**
 * Asks the server that `--server` names, or a node that lives on the state directory; where none
 * does, the work is done on the stores themselves.
 *
 * @param options `makesStore`: where there is no store, there is one afterwards
 * @throws {InvalidInputError} `DATA_DIR_MISSING` where there is no store
 */
export async function withServerOrStores<T>(
  invocation: Invocation,
  work: {
    /** `isHere`: on this machine, it reads the same files. */
    server: (api: ApiClient, options: { isHere: boolean }) => Promise<T>;
    stores: (local: LocalStores) => Promise<T>;
  },
  options: { makesStore?: boolean } = {},
): Promise<T> {
  const named = namedServer(invocation);
  if (named !== null) return await work.server(named, { isHere: false });
  return await withLocalStores(invocation, async (local) => {
    const node = await findLocalNode(local, invocation);
    if (node === null) return await work.stores(local);
    return await withLentKey(node, (api) => work.server(api, { isHere: true }));
  }, { ...options, missing: NO_STORE });
}

async function withLentKey<T>(
  { url, access, actor }: LocalNode,
  work: (api: ApiClient) => Promise<T>,
): Promise<T> {
  const request = {
    name: KEY_NAME,
    role: "admin" as const,
    scopes: null,
    tenant: null,
    workflows: null,
    tags: null,
    expiresAt: Date.now() + KEY_MS,
  };
  return await access.keys.lend(
    request,
    actor,
    async (key) => await work(new ApiClient({ url, key })),
  );
}

async function withLocalStores<T>(
  { dataDir, store }: Invocation,
  work: (local: LocalStores) => Promise<T>,
  { makesStore = false, missing = MISSING }: {
    makesStore?: boolean;
    missing?: typeof MISSING;
  } = {},
): Promise<T> {
  await requireFolder(dataDir);
  const { openExistingStores, openStores } = await import("../node/open_store.ts");
  const { openAudit } = await import("../audit/mod.ts");
  const { systemClock } = await import("../node/clock.ts");
  const place = { dataDir, store };
  const stores = makesStore ? await openStores(place) : await openExistingStores(place, missing);
  const audit = openAudit(stores.audit, systemClock);
  try {
    return await work({ stores, audit });
  } finally {
    await audit.close();
    await stores.close();
  }
}

async function findLocalNode(
  { stores, audit }: LocalStores,
  { path }: Invocation,
): Promise<LocalNode | null> {
  const { findNodeUrl } = await import("../node/cluster_reader.ts");
  const { LOCAL_ADMIN, openAccess } = await import("../access/mod.ts");
  const { systemClock } = await import("../node/clock.ts");
  const url = await findNodeUrl(stores.cluster);
  if (url === null) return null;
  const { documents } = stores;
  const access = openAccess({ documents, audit, clock: systemClock, host: "localhost" });
  const { principalId: id, ...holder } = LOCAL_ADMIN;
  const principal = { id, ...holder, via: "key" as const };
  const place = { remote: "command line", method: "", path };
  return { url, access, actor: { principal, place } };
}

function noNode(dataDir: string): UnavailableError {
  return new UnavailableError("SERVER_NOT_FOUND", {
    message: `Found no node that lives on "${dataDir}"`,
    hint: "Start one with: deno task serve; or ask one of another machine with --server URL",
  });
}
