/**
 * The registry of one node: registration, handshake and removal, in the store that all nodes share.
 *
 * @module
 */
import { capabilityEdgesOf, CapabilityTree } from "../../actors/knowledge/mod.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import { ConflictError, InvalidInputError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { AuditLog } from "../audit/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { type Candidate, toCandidate } from "./agent_candidate.ts";
import {
  agentAmbiguous,
  agentChanged,
  agentUnknown,
  chooseAgent,
  compareAgents,
  type Named,
  parseAgentReference,
} from "./agent_reference.ts";
import {
  type AgentHead,
  type AgentRecord,
  AgentRecords,
  type BlobPlace,
  type StoredAgentHead,
} from "./agent_records.ts";
import type {
  AgentPage,
  AgentRegistry,
  AgentSource,
  RegisterAgentOptions,
  Registrant,
} from "./agent_registry.ts";
import type { AgentRoster, RosterAgent } from "./agent_roster.ts";
import type { HandshakeLimits } from "./handshake.ts";
import { HandshakeDesk } from "./handshake_desk.ts";
import { MODULE_FILE } from "./module_source.ts";
import { NodeRoster } from "./node_roster.ts";
import { refOf } from "./roster_member.ts";
import type { AgentDetail, RegisteredAgent } from "./registered_agent.ts";

/** What a registry works with. */
export interface AgentRegistryOptions {
  documents: DocumentStore;
  blobs: BlobPlace;
  cells: Cells;
  /** State directory. */
  dataDir: string;
  /** Epoch milliseconds. */
  now: () => number;
  audit: Pick<AuditLog, "record">;
  /** Something failed that nobody waits for. */
  onError?: (error: unknown) => void;
  handshake?: HandshakeLimits;
  /** Handshakes that were left alone for so long are begun anew. Default 3 minutes. */
  abandonedMs?: number;
  /** How long the cells of an agent that was removed stay. Default one minute. */
  letGoAfterMs?: number;
}

/** Of a store. */
const AGENTS_PER_TENANT_MAX = 10_000;
const CAPABILITIES_MAX = 100_000;
/** Others may write between a read and a write so often in a row. */
const TRIES_MAX = 5;
const LIST_LIMIT = 50;
const LIST_MAX = 200;
const BY_CHARS_MAX = 128;

/**
 * Opens the registry of a node. It follows what other nodes change until it is closed.
 *
 * @throws {UnavailableError} `STORE_UNAVAILABLE`
 */
export async function openAgentRegistry(options: AgentRegistryOptions): Promise<AgentRegistry> {
  const registry = new StoredAgentRegistry(options);
  await registry.roster.refresh();
  registry.follow();
  return registry;
}

class StoredAgentRegistry implements AgentRegistry {
  readonly #options: AgentRegistryOptions;
  readonly #records: AgentRecords;
  readonly #roster: NodeRoster;
  readonly #handshakes: HandshakeDesk;

  constructor(options: AgentRegistryOptions) {
    this.#options = options;
    const { cells, onError = () => {} } = options;
    const records = new AgentRecords(options.documents, options.blobs);
    this.#records = records;
    const { letGoAfterMs } = options;
    this.#roster = new NodeRoster({ records, cells, onError, letGoAfterMs });
    this.#handshakes = new HandshakeDesk({ ...options, records, roster: this.#roster, onError });
  }

  get roster(): AgentRoster {
    return this.#roster;
  }

  follow(): void {
    this.#roster.follow();
    this.#handshakes.follow();
  }

  async register(
    source: AgentSource,
    caller: Registrant,
    options: RegisterAgentOptions = {},
  ): Promise<{ agent: RegisteredAgent; isNew: boolean }> {
    try {
      return await this.#register(source, caller, options);
    } catch (error) {
      if (error instanceof InvalidInputError || error instanceof ConflictError) {
        const { code, message } = error;
        const to = "module" in source ? source.module : MODULE_FILE;
        this.#options.audit.record({ kind: "refusal", from: caller.by, to, code, message });
      }
      throw error;
    }
  }

  async #register(
    source: AgentSource,
    caller: Registrant,
    options: RegisterAgentOptions,
  ): Promise<{ agent: RegisteredAgent; isNew: boolean }> {
    const candidate = await toCandidate(source, caller, { ...this.#options, ...options });
    await this.#roster.refresh();
    this.#requireRoom(candidate);
    this.#requireNoLoop(candidate);
    const { stored, isNew, isSame } = await this.#keep(candidate, caller);
    const ref = refOf(stored.head);
    if (isNew) this.#note("REGISTERED", caller.by, ref, `Registered agent "${ref}"`);
    if (isSame && stored.head.status === "ready") {
      await this.#roster.refresh();
      return { agent: this.#shown(stored.head), isNew };
    }
    const head = await this.#handshakes.check(stored, candidate.record, caller.by);
    return { agent: this.#shown(head), isNew };
  }

  async check(reference: string, caller: Registrant): Promise<RegisteredAgent> {
    const { name, version, tenant } = await this.#find(reference, caller.tenant);
    requireOwn(reference, tenant, caller);
    const stored = await this.#records.head(name, version, tenant);
    if (stored === null) throw agentUnknown(reference);
    const record = JSON.parse(await this.#records.getText(stored.head.recordHash)) as AgentRecord;
    return this.#shown(await this.#handshakes.check(stored, record, caller.by));
  }

  async list(
    tenant: string | null,
    options: { limit?: number; cursor?: string; capability?: string; q?: string } = {},
  ): Promise<AgentPage> {
    await this.#roster.refresh();
    const { limit = LIST_LIMIT, cursor, capability, q = "" } = options;
    const after = cursor === undefined ? null : readCursor(cursor);
    const word = q.toLowerCase();
    const found = this.#seen(tenant).filter((agent) =>
      (after === null || compareAgents(after, agent) < 0) &&
      (capability === undefined || Object.hasOwn(agent.capabilities, capability)) &&
      (agent.name.includes(word) || agent.description?.toLowerCase().includes(word) === true)
    );
    const items = found.slice(0, Math.min(limit, LIST_MAX)).map(plain);
    const last = items.at(-1);
    const isLast = items.length === found.length || last === undefined;
    return {
      items,
      nextCursor: isLast ? null : JSON.stringify([last.name, last.version, last.tenant]),
    };
  }

  async show(reference: string, tenant: string | null): Promise<AgentDetail> {
    const agent = await this.#find(reference, tenant);
    const versions = this.#seen(tenant)
      .filter(({ name, tenant }) => name === agent.name && tenant === agent.tenant)
      .map(({ version }) => version);
    return { ...plain(agent), versions };
  }

  async remove(reference: string, caller: Registrant): Promise<string[]> {
    const found = await this.#find(reference, caller.tenant);
    requireOwn(reference, found.tenant, caller);
    if (found.tenant !== caller.tenant) this.#requireOne(reference, found.name);
    const gone = reference.includes("@")
      ? [found]
      : this.#seen(caller.tenant).filter(({ name, tenant }) =>
        name === found.name && tenant === found.tenant
      );
    for (const { name, version, tenant, ref } of gone) {
      await this.#records.remove(name, version, tenant);
      this.#note("REMOVED", caller.by, ref, `Removed agent "${ref}"`);
    }
    await this.#roster.refresh();
    return gone.map(({ ref }) => ref);
  }

  async close(): Promise<void> {
    await this.#handshakes.close();
    await this.#roster.close();
  }

  // --- what comes in ---

  #requireRoom({ name, version, tenant, record }: Candidate): void {
    const others = this.#roster.all().filter((agent) =>
      refOf({ name, version }) !== agent.ref || agent.tenant !== tenant
    );
    const ofTenant = others.filter((agent) => agent.tenant === tenant).length;
    const capabilities = others.reduce(
      (sum, agent) => sum + Object.keys(agent.capabilities).length,
      record.declaration.capabilities.length,
    );
    if (ofTenant < AGENTS_PER_TENANT_MAX && capabilities <= CAPABILITIES_MAX) return;
    const what = ofTenant < AGENTS_PER_TENANT_MAX
      ? `${CAPABILITIES_MAX} capabilities`
      : `${AGENTS_PER_TENANT_MAX} agents`;
    throw new InvalidInputError("AGENT_LIMIT", {
      message: `Cannot register agent "${name}": there may be ${what}, and they are there`,
      hint: "Remove versions that nobody uses any more",
    });
  }

  /**
   * What other tenants registered neither counts nor is told; shared agents come before theirs.
   *
   * @throws {InvalidInputError} `CAPABILITY_LOOP`
   */
  #requireNoLoop({ name, version, tenant, record }: Candidate): void {
    const ref = refOf({ name, version });
    const others = this.#roster.all().filter((agent) =>
      (agent.tenant === null || agent.tenant === tenant) &&
      (agent.ref !== ref || agent.tenant !== tenant)
    );
    const edges = capabilityEdgesOf([
      ...others.flatMap(({ capabilities }) => Object.entries(capabilities)),
      ...record.declaration.capabilities.map((one) => [one.name, one] as const),
    ]);
    new CapabilityTree(edges);
  }

  // --- keeping ---

  async #keep(
    { name, version, tenant, bundle, manifestHash, record }: Candidate,
    { by }: Registrant,
  ): Promise<{ stored: StoredAgentHead; isNew: boolean; isSame: boolean }> {
    const codeHash = await this.#records.putText(bundle.code);
    const recordHash = await this.#records.putText(JSON.stringify(record));
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const known = await this.#records.head(name, version, tenant);
      if (known !== null) requireSameContent(known.head, { codeHash, manifestHash });
      if (known?.head.recordHash === recordHash) {
        return { stored: known, isNew: false, isSame: true };
      }
      const head: AgentHead = {
        ...{ name, version, tenant, status: "checking", findings: [] },
        registeredAt: known?.head.registeredAt ?? this.#options.now(),
        registeredBy: by.slice(0, BY_CHARS_MAX),
        checkedAt: null,
        checkingSince: this.#options.now(),
        ...{ manifestHash, codeHash, recordHash, blobs: [codeHash, recordHash] },
      };
      const etag = await this.#records.put(head, known?.etag ?? null);
      if (etag !== null) return { stored: { head, etag }, isNew: known === null, isSame: false };
    }
    throw agentChanged(refOf({ name, version }));
  }

  // --- finding ---

  /** Who belongs to no tenant sees all. */
  #seen(tenant: string | null): RosterAgent[] {
    return this.#roster.all().filter((agent) =>
      tenant === null || agent.tenant === null || agent.tenant === tenant
    );
  }

  /** A tenant's own come before shared ones. */
  async #find(reference: string, tenant: string | null): Promise<RosterAgent> {
    await this.#roster.refresh();
    const parsed = parseAgentReference(reference);
    if (parsed === null) throw agentUnknown(reference);
    const named = this.#seen(tenant).filter(({ name }) => name === parsed.name);
    const own = named.filter((agent) => agent.tenant === tenant);
    const found = chooseAgent(own, parsed.range) ?? chooseAgent(named, parsed.range);
    if (found === null) throw agentUnknown(reference);
    return found;
  }

  /** What is gone cannot be had back: of several tenants' agents none is removed by chance. */
  #requireOne(reference: string, name: string): void {
    const range = parseAgentReference(reference)?.range ?? null;
    const meant = this.#roster.all().filter((agent) =>
      agent.name === name && chooseAgent([agent], range) !== null
    );
    const tenants = new Set(meant.map(({ tenant }) => tenant));
    if (tenants.size > 1) throw agentAmbiguous(reference, [...tenants]);
  }

  /** As the roster has it; what another node has removed meanwhile as it was written. */
  #shown(head: AgentHead): RegisteredAgent {
    const agent = this.#roster.all().find((one) =>
      one.ref === refOf(head) && one.tenant === head.tenant
    );
    if (agent === undefined) throw agentUnknown(refOf(head));
    return plain(agent);
  }

  #note(
    code: string,
    from: string | null,
    to: string,
    message: string,
    details?: JsonObject,
  ): void {
    this.#options.audit.record({ kind: "agent", from, to, code, message, details });
  }
}

/** Without what only this node has. */
function plain(agent: RosterAgent): RegisteredAgent {
  return {
    ref: agent.ref,
    name: agent.name,
    version: agent.version,
    tenant: agent.tenant,
    description: agent.description,
    module: agent.module,
    codeHash: agent.codeHash,
    manifestHash: agent.manifestHash,
    capabilities: agent.capabilities,
    permissions: agent.permissions,
    concurrency: agent.concurrency,
    replicas: agent.replicas,
    memoryMb: agent.memoryMb,
    costUsd: agent.costUsd,
    bids: agent.bids,
    status: agent.status,
    findings: agent.findings,
    registeredAt: agent.registeredAt,
    registeredBy: agent.registeredBy,
    checkedAt: agent.checkedAt,
  };
}

function requireSameContent(
  head: AgentHead,
  { codeHash, manifestHash }: { codeHash: string; manifestHash: string },
): void {
  if (head.codeHash === codeHash && head.manifestHash === manifestHash) return;
  throw new ConflictError("AGENT_VERSION_EXISTS", {
    message: `Version "${head.version}" of agent "${head.name}" is registered with other content`,
    hint: 'Raise "version" in the module: what a version means does not change',
    details: { agent: refOf(head), codeHash: head.codeHash },
  });
}

/** Shared agents belong to those who see all. */
function requireOwn(reference: string, tenant: string | null, caller: Registrant): void {
  if (caller.tenant !== null && tenant !== caller.tenant) throw agentUnknown(reference);
}

function readCursor(cursor: string): Named {
  try {
    const [name, version, tenant] = JSON.parse(cursor) as [string, string, string | null];
    if (parseAgentReference(`${name}@${version}`) !== null) return { name, version, tenant };
  } catch {
    // Told below.
  }
  throw agentUnknown(cursor);
}
