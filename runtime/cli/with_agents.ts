import { resolve } from "node:path";
import { InvalidInputError } from "../../core/errors.ts";
import { isTenantName } from "../access/key_wish.ts";
import type { AgentDesk, AgentDetail, AgentEntry, AgentFilters, Caller } from "../control/mod.ts";
import { type AgentName, type AgentRights, ApiAgents } from "./api/mod.ts";
import type { Invocation } from "./command.ts";
import { loadLate } from "./load_late.ts";
import { type LocalStores, withServerOrStores } from "./with_server.ts";

export type { AgentName } from "./api/mod.ts";

/** Where agents are asked for: a server, or the store itself. */
export interface AgentPlace {
  list(filters: Pick<AgentFilters, "kind" | "capability">): Promise<AgentEntry[]>;
  show(name: AgentName): Promise<AgentDetail>;
  /** @param module path on this machine */
  register(
    module: string,
    rights: AgentRights,
  ): Promise<{ agent: AgentDetail; isNew: boolean }>;
  check(name: AgentName): Promise<AgentDetail>;
  /** @returns what was removed, as `name@version` */
  remove(name: AgentName): Promise<string[]>;
}

/** Whoever may read and write the store is asked no key. */
const BY = "command line";

/**
 * Asks the server, where one is named or lives; otherwise works on the store itself. With `--tenant`
 * as that tenant.
 *
 * @throws {InvalidInputError} `OPTION_VALUE_WRONG`
 */
export async function withAgents<T>(
  invocation: Invocation,
  work: (place: AgentPlace) => Promise<T>,
  options: { makesStore?: boolean } = {},
): Promise<T> {
  const tenant = tenantOf(invocation);
  return await withServerOrStores(invocation, {
    server: (api, options) => work(new ApiAgents(api, { ...options, tenant })),
    stores: (local) =>
      withDesks(local, invocation, ({ agents }) => work(new StoredAgents(agents, tenant))),
  }, options);
}

function tenantOf({ text }: Invocation): string | null {
  const tenant = text("tenant") ?? null;
  if (tenant === null || isTenantName(tenant)) return tenant;
  throw new InvalidInputError("OPTION_VALUE_WRONG", {
    message: `Cannot use --tenant "${tenant}"`,
    hint: "Give 1 to 100 visible characters without spaces",
  });
}

/** Opens desks over the stores, for as long as `work` takes. */
export async function withDesks<T>(
  { stores, audit }: LocalStores,
  { dataDir }: Invocation,
  work: (desks: import("../control/open_store_desks.ts").StoreDesks) => Promise<T>,
): Promise<T> {
  const { openStoreDesks } = await loadLate<typeof import("../control/open_store_desks.ts")>(
    "../control/open_store_desks.ts",
  );
  const { createCells } = await loadLate<typeof import("../cells/mod.ts")>("../cells/mod.ts");
  const cells = createCells({ spares: 0 });
  try {
    const desks = await openStoreDesks({ stores, audit, cells, dataDir });
    try {
      return await work(desks);
    } finally {
      await desks.close();
    }
  } finally {
    await cells.close();
  }
}

class StoredAgents implements AgentPlace {
  readonly #desk: AgentDesk;
  readonly #caller: Caller;

  constructor(desk: AgentDesk, tenant: string | null) {
    this.#desk = desk;
    this.#caller = { by: BY, tenant };
  }

  list(filters: Pick<AgentFilters, "kind" | "capability">): Promise<AgentEntry[]> {
    return this.#desk.list(this.#caller.tenant, filters);
  }

  show({ name, version, workflow }: AgentName): Promise<AgentDetail> {
    return this.#desk.show(name, this.#caller.tenant, { version, workflow });
  }

  register(
    module: string,
    rights: AgentRights,
  ): Promise<{ agent: AgentDetail; isNew: boolean }> {
    return this.#desk.register({ module: resolve(module) }, this.#caller, rights);
  }

  check(name: AgentName): Promise<AgentDetail> {
    return this.#desk.check(referenceOf(name), this.#caller);
  }

  remove(name: AgentName): Promise<string[]> {
    return this.#desk.remove(referenceOf(name), this.#caller);
  }
}

function referenceOf({ name, version }: AgentName): string {
  return version === undefined ? name : `${name}@${version}`;
}
