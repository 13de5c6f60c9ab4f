import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import { readFile } from "node:fs/promises";
import type { Store } from "../../core/ports.ts";
import type { RunEvent } from "../../workflows/mod.ts";
import { InvalidWorkflowError, type LoadedWorkflow } from "../node/mod.ts";
import { BoundedCache } from "./bounded_cache.ts";
import type { Caller, Page, Sees } from "./caller.ts";
import { type PackageReader, putTexts, weightOf } from "./package_reader.ts";
import type {
  ValidationResult,
  WorkflowDetail,
  WorkflowSource,
  WorkflowSummary,
  WorkflowVersion,
} from "./registered_workflow.ts";
import { digestOf, isSelfContained, nameOf, type SourceFolder, textOf } from "./source_folder.ts";
import { graphOf } from "./task_graph.ts";
import type {
  StoredHead,
  VersionLine,
  VersionRecord,
  WorkflowHead,
  WorkflowRecords,
} from "./workflow_records.ts";
import {
  chooseVersion,
  isWorkflowName,
  parseReference,
  versionUnknown,
  workflowUnknown,
} from "./workflow_reference.ts";
import type { RegisterOptions, WorkflowRegistry } from "./workflow_registry.ts";

/** What a {@linkcode StoredRegistry} works with. */
export interface StoredRegistryOptions {
  records: WorkflowRecords;
  blobs: Pick<Store<RunEvent>, "putBlob" | "getBlob">;
  packages: PackageReader;
  sources: SourceFolder;
  /** Loads a workflow file. */
  load: (file: string) => Promise<LoadedWorkflow>;
  /** Epoch milliseconds. */
  now: () => number;
}

/** Versions of a workflow that are kept: the last ones. */
const VERSIONS_MAX = 300;
/** Others may write between a read and a write so often in a row. */
const TRIES_MAX = 5;
const LIST_LIMIT = 50;
const LIST_MAX = 200;
/** Workflows that came along, and what they may take together in characters. */
const INLINE = { entriesMax: 64, weightMax: 64 * 1024 * 1024 };

/** A workflow that is about to be kept, with what it was made of. */
interface Candidate {
  loaded: LoadedWorkflow;
  source: string;
  files: Record<string, string>;
}

/** See {@linkcode WorkflowRegistry}. */
export class StoredRegistry implements WorkflowRegistry {
  readonly #options: StoredRegistryOptions;
  readonly #inline = new BoundedCache<LoadedWorkflow>(INLINE);

  constructor(options: StoredRegistryOptions) {
    this.#options = options;
  }

  async register(
    workflow: WorkflowSource,
    caller: Caller,
    options: RegisterOptions = {},
  ): Promise<{ workflow: WorkflowDetail; isNew: boolean }> {
    const loaded = await this.#options.sources.load(workflow);
    const { name } = loaded.definition;
    if (options.name !== undefined && options.name !== name) throw nameDiffers(options.name, name);
    await options.authorize?.(name);
    const { files = {} } = workflow;
    return await this.#keep({ loaded, source: textOf(workflow), files }, caller, options);
  }

  async registerFile(
    path: string,
    caller: Caller,
  ): Promise<{ workflow: WorkflowDetail; isNew: boolean }> {
    const loaded = await this.#options.load(path);
    return await this.#keep({ loaded, source: await readFile(path, "utf8"), files: {} }, caller);
  }

  async list(
    tenant: string | null,
    options: { limit?: number; cursor?: string; q?: string; sees?: Sees } = {},
  ): Promise<Page<WorkflowSummary>> {
    const { limit = LIST_LIMIT, cursor, q, sees } = options;
    const word = q?.toLowerCase() ?? "";
    const all = (await this.#visible(tenant))
      .map((stored) => ({ stored, place: placeOf(stored) }))
      .filter(({ stored: { head }, place }) =>
        (cursor === undefined || place > cursor) &&
        (head.name.includes(word) || head.description?.toLowerCase().includes(word) === true) &&
        (sees?.({ workflow: head.name, tags: [], tenant: head.tenant }) ?? true)
      )
      .sort((a, b) => a.place < b.place ? -1 : 1);
    const page = all.slice(0, Math.min(limit, LIST_MAX));
    return {
      items: page.map(({ stored }) => summaryOf(stored.head)),
      nextCursor: page.length < all.length ? page.at(-1)!.place : null,
    };
  }

  async get(name: string, tenant: string | null): Promise<WorkflowDetail> {
    const stored = await this.#find(name, tenant);
    return await this.#detail(stored, stored.head.versions.at(-1)!);
  }

  async versions(
    name: string,
    tenant: string | null,
    { limit = LIST_LIMIT, cursor }: { limit?: number; cursor?: string } = {},
  ): Promise<Page<WorkflowVersion>> {
    const { head } = await this.#find(name, tenant);
    const lines = head.versions.toReversed();
    const from = cursor === undefined ? 0 : lines.findIndex(({ hash }) => hash === cursor) + 1;
    const page = lines.slice(from, from + Math.min(limit, LIST_MAX));
    const isLast = from + page.length >= lines.length;
    return {
      items: page.map((line) => versionOf(head, line)),
      nextCursor: isLast ? null : page.at(-1)!.hash,
    };
  }

  async version(name: string, version: string, tenant: string | null): Promise<WorkflowDetail> {
    const stored = await this.#find(name, tenant);
    return await this.#detail(stored, choose(stored.head, version));
  }

  async file(
    name: string,
    version: string,
    path: string,
    tenant: string | null,
  ): Promise<string> {
    const { head } = await this.#find(name, tenant);
    const record = await this.#record(head, choose(head, version));
    const files = JSON.parse(await this.#text(record.filesHash)) as Record<string, string>;
    if (Object.hasOwn(files, path)) return files[path]!;
    throw new InvalidInputError("FILE_NOT_FOUND", {
      message: `Found no file "${path.slice(0, 255)}" of workflow "${name}"`,
      hint: 'Name one of the "files" of the version',
    });
  }

  async remove(
    name: string,
    { tenant }: Caller,
    { ifVersion }: { ifVersion?: string } = {},
  ): Promise<void> {
    const { records } = this.#options;
    const stored = isWorkflowName(name) ? await records.readHead(name, tenant) : null;
    if (stored === null) throw workflowUnknown(name);
    if (await records.remove(name, tenant, ifVersion)) return;
    throw changed(name);
  }

  async resolve(reference: string, tenant: string | null): Promise<LoadedWorkflow> {
    const { name, version } = parseReference(reference);
    const { head } = await this.#find(name, tenant);
    return await this.#options.packages.loaded(choose(head, version).hash, name);
  }

  async inline(workflow: WorkflowSource): Promise<LoadedWorkflow> {
    const key = digestOf(workflow);
    const known = this.#inline.get(key);
    if (known !== undefined) return known;
    const loaded = await this.#options.sources.load(workflow);
    if (isSelfContained(loaded)) this.#inline.set(key, loaded, weightOf(loaded));
    return loaded;
  }

  async validate(workflow: WorkflowSource): Promise<ValidationResult> {
    try {
      const { definition: { name, version = null }, warnings } = await this.inline(workflow);
      return { valid: true, name, version, issues: warnings };
    } catch (error) {
      if (!(error instanceof InvalidWorkflowError)) throw error;
      return { valid: false, ...await nameOf(workflow), issues: error.issues };
    }
  }

  // --- keeping ---

  async #keep(
    candidate: Candidate,
    caller: Caller,
    { ifVersion }: { ifVersion?: string | null } = {},
  ): Promise<{ workflow: WorkflowDetail; isNew: boolean }> {
    const { loaded } = candidate;
    const { name } = loaded.definition;
    const { warnings } = loaded;
    let record: VersionRecord | null = null;
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const stored = await this.#options.records.readHead(name, caller.tenant);
      if (ifVersion !== undefined && ifVersion !== (stored?.etag ?? null)) throw changed(name);
      const same = stored?.head.versions.find(({ hash }) => hash === loaded.packageHash);
      if (same !== undefined) {
        return { workflow: { ...await this.#detail(stored!, same), warnings }, isNew: false };
      }
      await this.#refuseSameVersion(stored, {
        loaded,
        tenant: caller.tenant,
        isBegun: record !== null,
      });
      record ??= await this.#store(candidate);
      const next = await this.#append(stored, candidate, record, caller);
      if (next === null) continue;
      const workflow = await this.#detail(next, next.head.versions.at(-1)!);
      return { workflow: { ...workflow, warnings }, isNew: true };
    }
    throw changed(name);
  }

  /** Somebody else may have registered the version since this one was written down. */
  async #refuseSameVersion(
    stored: StoredHead | null,
    { loaded, tenant, isBegun }: {
      loaded: LoadedWorkflow;
      tenant: string | null;
      isBegun: boolean;
    },
  ): Promise<void> {
    const { name, version } = loaded.definition;
    const same = stored?.head.versions.find((line) => line.version === version);
    if (version === undefined || same === undefined) return;
    if (isBegun) await this.#options.records.dropVersion(name, tenant, loaded.packageHash);
    throw new ConflictError("WORKFLOW_VERSION_EXISTS", {
      message: `Version "${version}" of workflow "${name}" is registered with other content`,
      hint: 'Raise "version" in the file: what a version means does not change',
      details: { workflow: name, version, hash: same.hash },
    });
  }

  /** Definition, code and source as blobs. */
  async #store({ loaded, source, files }: Candidate): Promise<VersionRecord> {
    const { blobs, packages } = this.#options;
    const texts = [loaded.packageText, source, JSON.stringify(files), ...loaded.code.values()];
    const hashes = await putTexts(blobs, texts);
    packages.remember(loaded);
    const encoder = new TextEncoder();
    return {
      packageHash: hashes[0]!,
      sourceHash: hashes[1]!,
      filesHash: hashes[2]!,
      files: Object.entries(files).map(([path, text]) => ({
        path,
        bytes: encoder.encode(text).byteLength,
      })),
      blobs: [...new Set(hashes)],
    };
  }

  async #append(
    stored: StoredHead | null,
    { loaded: { definition, packageHash } }: Candidate,
    record: VersionRecord,
    { by, tenant }: Caller,
  ): Promise<StoredHead | null> {
    const { records, now } = this.#options;
    const { name, version = null, description = null } = definition;
    const line: VersionLine = { hash: packageHash, version, at: now(), by: by.slice(0, 128) };
    const versions = [...stored?.head.versions ?? [], line];
    const gone = versions.splice(0, Math.max(0, versions.length - VERSIONS_MAX));
    const head: WorkflowHead = {
      name,
      tenant,
      description: description?.slice(0, 500) ?? null,
      tasks: definition.tasks.length,
      agents: definition.agents.map((agent) => agent.name).slice(0, 100),
      versions,
    };
    const etag = await records.add({ head, etag: stored?.etag ?? null }, record);
    if (etag === null) return null;
    for (const { hash } of gone) await records.dropVersion(name, tenant, hash);
    return { head, etag };
  }

  // --- finding ---

  /** A tenant's own come before shared ones. */
  async #find(name: string, tenant: string | null): Promise<StoredHead> {
    if (!isWorkflowName(name)) throw workflowUnknown(name);
    const { records } = this.#options;
    const own = await records.head(name, tenant);
    const found = own ?? (tenant === null ? null : await records.head(name, null));
    if (found === null) throw workflowUnknown(name);
    return found;
  }

  async #visible(tenant: string | null): Promise<StoredHead[]> {
    const { records } = this.#options;
    if (tenant === null) return await records.heads(undefined);
    const own = await records.heads(tenant);
    const names = new Set(own.map(({ head }) => head.name));
    const shared = await records.heads(null);
    return [...own, ...shared.filter(({ head }) => !names.has(head.name))];
  }

  async #record({ name, tenant }: WorkflowHead, { hash }: VersionLine): Promise<VersionRecord> {
    const record = await this.#options.records.version(name, tenant, hash);
    // Removed since the head was read.
    if (record === null) throw workflowUnknown(name);
    return record;
  }

  async #detail({ head, etag }: StoredHead, line: VersionLine): Promise<WorkflowDetail> {
    const record = await this.#record(head, line);
    const { package: content, definition } = await this.#options.packages
      .loaded(record.packageHash, head.name);
    const { plan } = await this.#options.packages.plan(record.packageHash);
    return {
      ...versionOf(head, line),
      etag,
      definition,
      source: await this.#text(record.sourceHash),
      files: record.files,
      agents: content.agents,
      graph: graphOf(plan.tasks),
    };
  }

  async #text(hash: string): Promise<string> {
    return new TextDecoder().decode(await this.#options.blobs.getBlob(hash));
  }
}

function choose(head: WorkflowHead, version: string | null): VersionLine {
  const line = chooseVersion(head.versions, version);
  if (line === null) throw versionUnknown(head.name, version ?? "", head.versions);
  return line;
}

/** Orders the list: by name, then by tenant. */
function placeOf({ head: { name, tenant } }: StoredHead): string {
  return `${name}/${tenant ?? ""}`;
}

function versionOf({ name, tenant, versions }: WorkflowHead, line: VersionLine): WorkflowVersion {
  return {
    name,
    tenant,
    version: line.version,
    hash: line.hash,
    registeredAt: new Date(line.at).toISOString(),
    registeredBy: line.by,
    isLatest: line === versions.at(-1),
  };
}

function summaryOf(head: WorkflowHead): WorkflowSummary {
  const { description, versions, tasks, agents } = head;
  const latest = versionOf(head, versions.at(-1)!);
  return { ...latest, description, versions: versions.length, tasks, agents };
}

function changed(name: string): ConflictError {
  return new ConflictError("WORKFLOW_CHANGED", {
    message: `Workflow "${name}" has changed since it was read`,
    hint: "Read it again, then decide",
    details: { workflow: name },
  });
}

function nameDiffers(expected: string, name: string): InvalidInputError {
  return new InvalidInputError("WORKFLOW_NAME_DIFFERS", {
    message: `Cannot keep workflow "${name}" as "${expected}"`,
    hint: `Write "name: ${expected}" in the file, or register it under its own name`,
    details: { expected, name },
  });
}
