/**
 * Registered agents in the store: one document for each version, which names the blobs of its code
 * and of its record, so that they are kept; and one that changes with each of them.
 *
 * @module
 */
import type { AgentDeclaration } from "../../actors/declaration.ts";
import type { Permissions } from "../../actors/manifest.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Json } from "../../core/json.ts";
import type { AgentFinding, AgentStatus } from "./registered_agent.ts";

const COLLECTION = "agents";
const CHANGE = "change";
const PREFIX = "agent/";
const LIST_PAGE = 500;

/** What does not change as long as a version stands; a blob. */
export interface AgentRecord {
  module: string;
  declaration: AgentDeclaration;
  /** What it was granted. */
  permissions: Permissions;
  concurrency: number;
  replicas: { min: number; max: number };
  memoryMb: number;
}

/** What stands for a version. */
export interface AgentHead {
  name: string;
  version: string;
  tenant: string | null;
  status: AgentStatus;
  findings: AgentFinding[];
  /** Epoch milliseconds. */
  registeredAt: number;
  registeredBy: string;
  checkedAt: number | null;
  /** When a handshake was last begun that decides its status, in epoch milliseconds. */
  checkingSince?: number;
  /** SHA-256 (hex) of the manifest, of the code, and of {@linkcode AgentRecord}. */
  manifestHash: string;
  codeHash: string;
  recordHash: string;
  /** Keeps both alive. */
  blobs: string[];
}

/** A head with the version of its document. */
export interface StoredAgentHead {
  head: AgentHead;
  etag: string;
}

/** Where blobs are kept. */
export interface BlobPlace {
  putBlob(bytes: Uint8Array, known?: string): Promise<string>;
  getBlob(sha256: string): Promise<Uint8Array>;
}

/** Reads and writes registered agents. */
export class AgentRecords {
  readonly #documents: DocumentStore;
  readonly #blobs: BlobPlace;

  constructor(documents: DocumentStore, blobs: BlobPlace) {
    this.#documents = documents;
    this.#blobs = blobs;
  }

  /** Another one after each change of any agent; `null` before the first. */
  async change(): Promise<string | null> {
    return (await this.#documents.get(COLLECTION, CHANGE))?.version ?? null;
  }

  async heads(): Promise<AgentHead[]> {
    const heads: AgentHead[] = [];
    let after: string | undefined;
    for (;;) {
      const query = { prefix: PREFIX, after, limit: LIST_PAGE };
      const page = await this.#documents.list(COLLECTION, query);
      for (const { value } of page) heads.push(value as unknown as AgentHead);
      if (page.length < LIST_PAGE) return heads;
      after = page.at(-1)!.key;
    }
  }

  async head(
    name: string,
    version: string,
    tenant: string | null,
  ): Promise<StoredAgentHead | null> {
    const found = await this.#documents.get(COLLECTION, keyOf(name, version, tenant));
    if (found === null) return null;
    return { head: found.value as unknown as AgentHead, etag: found.version };
  }

  /** `null` when somebody else wrote meanwhile. */
  async put(head: AgentHead, etag: string | null): Promise<string | null> {
    const { name, version, tenant } = head;
    const value = head as unknown as Json;
    const key = keyOf(name, version, tenant);
    const written = await this.#documents.put(COLLECTION, key, value, { ifVersion: etag });
    if (written !== null) await this.#tellChange();
    return written;
  }

  async remove(name: string, version: string, tenant: string | null): Promise<boolean> {
    const isGone = await this.#documents.delete(COLLECTION, keyOf(name, version, tenant));
    await this.#tellChange();
    return isGone;
  }

  async putText(text: string): Promise<string> {
    return await this.#blobs.putBlob(new TextEncoder().encode(text));
  }

  async getText(hash: string): Promise<string> {
    return new TextDecoder().decode(await this.#blobs.getBlob(hash));
  }

  async #tellChange(): Promise<void> {
    await this.#documents.put(COLLECTION, CHANGE, crypto.randomUUID());
  }
}

/** No tenant's name comes out as that of another, or as the shared one. */
function keyOf(name: string, version: string, tenant: string | null): string {
  const part = tenant === null ? "-" : `t-${encodeURIComponent(tenant)}`;
  return `${PREFIX}${part}/${name}/${version}`;
}
