/**
 * Registered workflows in the store: one document for each name, and one for each version, which
 * names the blobs of definition, code and source, so that they are kept.
 *
 * @module
 */
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Json } from "../../core/json.ts";

const COLLECTION = "workflows";
/** What is read may be so old, unless this node wrote it. */
const FRESH_MS = 1_000;
const LIST_PAGE = 500;
/** Workflows of a store; more are not listed. */
const NAMES_MAX = 10_000;

/** One version, as the document of its name lists it. */
export interface VersionLine {
  hash: string;
  version: string | null;
  /** Epoch milliseconds. */
  at: number;
  by: string;
}

/** What stands for a name. Versions are in the order of their registration. */
export interface WorkflowHead {
  name: string;
  tenant: string | null;
  /** Of the last version. */
  description: string | null;
  tasks: number;
  agents: string[];
  versions: VersionLine[];
}

/** What stands for a version. */
export interface VersionRecord {
  packageHash: string;
  sourceHash: string;
  filesHash: string;
  /** Paths and sizes in bytes of UTF-8. */
  files: { path: string; bytes: number }[];
  /** Everything that must be kept for it. */
  blobs: string[];
}

/** A head with the version of its document. */
export interface StoredHead {
  head: WorkflowHead;
  etag: string;
}

/** Reads and writes registered workflows. */
export class WorkflowRecords {
  readonly #documents: DocumentStore;
  readonly #now: () => number;
  readonly #heads = new Map<string, { at: number; found: Promise<StoredHead | null> }>();
  readonly #lists = new Map<string, { at: number; found: Promise<StoredHead[]> }>();

  /** @param now milliseconds that never run backwards */
  constructor(documents: DocumentStore, now: () => number) {
    this.#documents = documents;
    this.#now = now;
  }

  /** What stands for the name; at most a second old. */
  head(name: string, tenant: string | null): Promise<StoredHead | null> {
    const key = headKey(name, tenant);
    return this.#fresh(this.#heads, key, () => this.readHead(name, tenant));
  }

  /** What stands for the name now. */
  async readHead(name: string, tenant: string | null): Promise<StoredHead | null> {
    const found = await this.#documents.get(COLLECTION, headKey(name, tenant));
    if (found === null) return null;
    return { head: found.value as unknown as WorkflowHead, etag: found.version };
  }

  /** @param tenant `undefined`: of all tenants */
  heads(tenant: string | null | undefined): Promise<StoredHead[]> {
    const prefix = tenant === undefined ? "name/" : `name/${tenantPart(tenant)}/`;
    return this.#fresh(this.#lists, prefix, () => this.#readHeads(prefix));
  }

  /** Writes a version, then the head that lists it; `null` when somebody else wrote meanwhile. */
  async add(
    { head, etag }: { head: WorkflowHead; etag: string | null },
    record: VersionRecord,
  ): Promise<string | null> {
    const { name, tenant } = head;
    const { hash } = head.versions.at(-1)!;
    const value = record as unknown as Json;
    await this.#documents.put(COLLECTION, versionKey(name, tenant, hash), value);
    const written = await this.#documents.put(
      COLLECTION,
      headKey(name, tenant),
      head as unknown as Json,
      { ifVersion: etag },
    );
    this.#forget();
    return written;
  }

  async version(
    name: string,
    tenant: string | null,
    hash: string,
  ): Promise<VersionRecord | null> {
    const found = await this.#documents.get(COLLECTION, versionKey(name, tenant, hash));
    return found === null ? null : found.value as unknown as VersionRecord;
  }

  async dropVersion(name: string, tenant: string | null, hash: string): Promise<void> {
    await this.#documents.delete(COLLECTION, versionKey(name, tenant, hash));
  }

  /** Whether the workflow was there with that etag, and is gone now. */
  async remove(name: string, tenant: string | null, etag?: string): Promise<boolean> {
    const options = etag === undefined ? {} : { ifVersion: etag };
    const isGone = await this.#documents.delete(COLLECTION, headKey(name, tenant), options);
    if (isGone) {
      await this.#documents.deleteAll(COLLECTION, `version/${tenantPart(tenant)}/${name}/`);
    }
    this.#forget();
    return isGone;
  }

  async #readHeads(prefix: string): Promise<StoredHead[]> {
    const heads: StoredHead[] = [];
    let after: string | undefined;
    while (heads.length < NAMES_MAX) {
      const page = await this.#documents.list(COLLECTION, { prefix, after, limit: LIST_PAGE });
      for (const { value, version } of page) {
        heads.push({ head: value as unknown as WorkflowHead, etag: version });
      }
      if (page.length < LIST_PAGE) break;
      after = page.at(-1)!.key;
    }
    return heads;
  }

  #fresh<Value>(
    cache: Map<string, { at: number; found: Promise<Value> }>,
    key: string,
    read: () => Promise<Value>,
  ): Promise<Value> {
    const now = this.#now();
    const known = cache.get(key);
    if (known !== undefined && now - known.at < FRESH_MS) return known.found;
    // Names are anybody's to ask for: those that were asked for are not kept for ever.
    for (const [other, { at }] of cache) if (now - at >= FRESH_MS) cache.delete(other);
    const found = read();
    cache.set(key, { at: now, found });
    found.catch(() => cache.delete(key));
    return found;
  }

  #forget(): void {
    this.#heads.clear();
    this.#lists.clear();
  }
}

function headKey(name: string, tenant: string | null): string {
  return `name/${tenantPart(tenant)}/${name}`;
}

function versionKey(name: string, tenant: string | null, hash: string): string {
  return `version/${tenantPart(tenant)}/${name}/${hash}`;
}

/** No tenant's name comes out as that of another, or as the shared one. */
function tenantPart(tenant: string | null): string {
  return tenant === null ? "-" : `t-${encodeURIComponent(tenant)}`;
}
