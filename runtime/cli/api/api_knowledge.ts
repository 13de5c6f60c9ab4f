import type {
  KnowledgeFormat,
  KnowledgeNeighbourhood,
  KnowledgePath,
  KnowledgeSearch,
  KnowledgeSize,
} from "../../control/mod.ts";
import type { Json } from "../../../core/json.ts";
import type { ApiClient, ApiRequest } from "./api_client.ts";

/** The graph of solved tasks of a server. */
export class ApiKnowledge {
  readonly #api: ApiClient;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async stats(): Promise<KnowledgeSize> {
    return await this.#get("") as unknown as KnowledgeSize;
  }

  async search(
    query: { q: string; kind?: string; capability?: string; limit: number },
  ): Promise<KnowledgeSearch> {
    const { items } = await this.#get("/search", query) as unknown as KnowledgeSearch;
    return { items };
  }

  async neighbours(
    id: string,
    options: { depth: number; limit: number },
  ): Promise<KnowledgeNeighbourhood> {
    return await this.#get("/node", { id, ...options }) as unknown as KnowledgeNeighbourhood;
  }

  async path(from: string, to: string): Promise<KnowledgePath> {
    return await this.#get("/path", { from, to }) as unknown as KnowledgePath;
  }

  /** Text of the file. */
  async export(format: KnowledgeFormat): Promise<string> {
    const headers = { accept: "*/*" };
    return await this.#api.text("/knowledge/export", { query: { format }, headers });
  }

  async #get(path: string, query: ApiRequest["query"] = {}): Promise<Json> {
    return await this.#api.request("GET", `/knowledge${path}`, { query });
  }
}
