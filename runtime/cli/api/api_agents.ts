import { resolve } from "node:path";
import type { AgentDetail, AgentEntry } from "../../control/mod.ts";
import type { ApiClient } from "./api_client.ts";
import { collectModule } from "./collect_sources.ts";

/** A handshake starts a process and waits for an agent. */
const HANDSHAKE_MS = 10 * 60_000;

/** Which agent is meant: of a workflow file, or registered; without a version the highest. */
export interface AgentName {
  name: string;
  version?: string;
  workflow?: string;
}

/** What a registration says besides the module. */
export interface AgentRights {
  grants: object;
  grantsAll: boolean;
}

/** Agents of a server. Every method throws the error that the server answers with. */
export class ApiAgents {
  readonly #api: ApiClient;
  readonly #isHere: boolean;
  readonly #tenant: string | undefined;

  /**
   * @param options `isHere`: the server reads the same files as this process; `tenant`: whose agents
   *   are meant, beside shared ones; `null`: those of the key
   */
  constructor(api: ApiClient, { isHere, tenant }: { isHere: boolean; tenant: string | null }) {
    this.#api = api;
    this.#isHere = isHere;
    this.#tenant = tenant ?? undefined;
  }

  async list(
    filters: { kind?: "workflow" | "registered"; capability?: string },
  ): Promise<AgentEntry[]> {
    const query = { ...filters, tenant: this.#tenant };
    const answer = await this.#api.request("GET", "/agents", { query });
    return (answer as unknown as { items: AgentEntry[] }).items;
  }

  async show({ name, version, workflow }: AgentName): Promise<AgentDetail> {
    const of = version === undefined ? "" : `/${encodeURIComponent(version)}`;
    const path = `/agents/${encodeURIComponent(name)}${of}`;
    const query = { workflow, tenant: this.#tenant };
    return await this.#api.request("GET", path, { query }) as unknown as AgentDetail;
  }

  /** @param module path of the module on this machine */
  async register(
    module: string,
    { grants, grantsAll }: AgentRights,
  ): Promise<{ agent: AgentDetail; isNew: boolean }> {
    const source = this.#isHere ? { module: resolve(module) } : await collectModule(module);
    const { status, body } = await this.#api.exchange("POST", "/agents", {
      query: { tenant: this.#tenant },
      body: { ...source, grants, grantsAll },
      timeoutMs: HANDSHAKE_MS,
    });
    return { agent: body as unknown as AgentDetail, isNew: status === 201 };
  }

  async check(named: AgentName): Promise<AgentDetail> {
    const { name, version } = await this.show(named);
    const path = `${pathOf(name, version)}/check`;
    const query = { tenant: this.#tenant };
    const answer = await this.#api.request("POST", path, { query, timeoutMs: HANDSHAKE_MS });
    return answer as unknown as AgentDetail;
  }

  /** @returns what was removed, as `name@version` */
  async remove(named: AgentName): Promise<string[]> {
    const { name, version, versions } = await this.show(named);
    const removed = named.version === undefined ? versions : [version];
    const query = { tenant: this.#tenant };
    for (const one of removed) await this.#api.request("DELETE", pathOf(name, one), { query });
    return removed.map((one) => `${name}@${one}`);
  }
}

function pathOf(name: string, version: string | null): string {
  return `/agents/${encodeURIComponent(name)}/${encodeURIComponent(version ?? "-")}`;
}
