/**
 * One version of a registered agent as a node knows it.
 *
 * @module
 */
import { toPlainText } from "../../actors/frames.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import type { Cells } from "../cells/mod.ts";
import type { AgentHead, AgentRecord, AgentRecords } from "./agent_records.ts";
import type { RosterAgent } from "./agent_roster.ts";
import type { InputCheck, InputChecks } from "./input_check.ts";
import type { RegisteredAgent, RegisteredCapability } from "./registered_agent.ts";

/** Of a capability without an input schema, or whose schema is not at hand yet. */
const takesAll: InputCheck = () => true;
/** Of a capability that the agent does not have. */
const takesNothing: InputCheck = () => false;

/** What it takes to bring an agent's code to the node. */
export interface MemberOptions {
  records: Pick<AgentRecords, "getText">;
  cells: Pick<Cells, "register">;
}

/** One version as this node knows it. */
export class Member implements RosterAgent {
  readonly ref: string;
  readonly name: string;
  readonly version: string;
  readonly tenant: string | null;
  readonly description: string | null;
  readonly module: string;
  readonly codeHash: string;
  readonly manifestHash: string;
  readonly capabilities: Record<string, RegisteredCapability>;
  readonly permissions: RegisteredAgent["permissions"];
  readonly concurrency: number;
  readonly replicas: { min: number; max: number };
  readonly memoryMb: number;
  readonly costUsd: number;
  readonly bids: boolean;
  readonly status: RegisteredAgent["status"];
  readonly findings: RegisteredAgent["findings"];
  readonly registeredAt: number;
  readonly registeredBy: string;
  readonly checkedAt: number | null;
  agentKey: string | null = null;
  #checks: ReadonlyMap<string, InputCheck> = new Map();
  #loading: Promise<void> | null = null;
  readonly record: AgentRecord;

  constructor(
    readonly head: AgentHead,
    readonly headText: string,
    { record, before }: { record: AgentRecord; before: Member | null },
  ) {
    const { declaration, module, permissions, concurrency, replicas, memoryMb } = record;
    this.record = record;
    this.ref = refOf(head);
    this.name = head.name;
    this.version = head.version;
    this.tenant = head.tenant;
    this.description = declaration.description === null
      ? null
      : toPlainText(declaration.description);
    this.module = toPlainText(module);
    this.codeHash = head.codeHash;
    this.manifestHash = head.manifestHash;
    this.capabilities = capabilitiesOf(record);
    this.permissions = permissions;
    this.concurrency = concurrency;
    this.replicas = replicas;
    this.memoryMb = memoryMb;
    this.costUsd = declaration.costUsd;
    this.bids = declaration.bids;
    this.status = head.status;
    this.findings = head.findings;
    this.registeredAt = head.registeredAt;
    this.registeredBy = head.registeredBy;
    this.checkedAt = head.checkedAt;
    const { recordHash, codeHash, manifestHash } = before?.head ?? {};
    const isSameAgent = recordHash === head.recordHash && codeHash === head.codeHash &&
      manifestHash === head.manifestHash;
    if (before === null || !isSameAgent) return;
    this.agentKey = before.agentKey;
    this.#checks = before.#checks;
  }

  checkOf(capability: string): InputCheck {
    if (!Object.hasOwn(this.capabilities, capability)) return takesNothing;
    return this.#checks.get(capability) ?? takesAll;
  }

  async load(options: MemberOptions, checks: InputChecks): Promise<void> {
    if (this.agentKey !== null) return;
    this.#loading ??= this.#load(options, checks).finally(() => this.#loading = null);
    await this.#loading;
  }

  async #load({ records, cells }: MemberOptions, checks: InputChecks): Promise<void> {
    const code = await records.getText(this.codeHash);
    const inputs = new Map<string, InputCheck>();
    for (const [name, { input }] of Object.entries(this.capabilities)) {
      if (input !== undefined) inputs.set(name, await checks.of(input));
    }
    this.#checks = inputs;
    this.agentKey = cells.register(cellManifestOf(this.head, this.record), code);
  }
}

/** The agent as cells take it: held to what it said of itself. */
export function cellManifestOf(
  { name, version, codeHash, manifestHash }: Pick<
    AgentHead,
    "name" | "version" | "codeHash" | "manifestHash"
  >,
  { permissions, concurrency, replicas, memoryMb }: AgentRecord,
): AgentManifest {
  return {
    name: refOf({ name, version }),
    codeHash,
    permissions,
    concurrency,
    replicas,
    memoryMb,
    declarationHash: manifestHash,
  };
}

/** `name@version`. */
export function refOf({ name, version }: Pick<AgentHead, "name" | "version">): string {
  return `${name}@${version}`;
}

function capabilitiesOf({ declaration }: AgentRecord): Record<string, RegisteredCapability> {
  const capabilities: Record<string, RegisteredCapability> = Object.create(null);
  for (const { name, input, output, isA, partOf, examples } of declaration.capabilities) {
    capabilities[name] = {
      ...(input === null ? {} : { input }),
      ...(output === null ? {} : { output }),
      isA,
      partOf,
      examples: examples.length,
    };
  }
  return capabilities;
}
