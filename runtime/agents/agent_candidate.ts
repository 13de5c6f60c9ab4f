/**
 * What a module becomes before it is kept: bundled, loaded in a cell, and granted what it asks for.
 *
 * @module
 */
import type { AgentDeclaration } from "../../actors/declaration.ts";
import type { AgentManifest } from "../../actors/manifest.ts";
import { noPermissions } from "../../actors/permissions.ts";
import { isAgentName } from "../../actors/read_declaration.ts";
import { DenizenError, InvalidInputError } from "../../core/errors.ts";
import type { AgentInfo, Bundle, Cells } from "../cells/mod.ts";
import type { AgentRecord } from "./agent_records.ts";
import type { AgentSource, RegisterAgentOptions, Registrant } from "./agent_registry.ts";
import { requireGranted, resolveGrants } from "./grants.ts";
import { loadModule } from "./module_source.ts";

/** A version that is about to be kept, with what it was made of. */
export interface Candidate {
  name: string;
  version: string;
  tenant: string | null;
  bundle: Bundle;
  manifestHash: string;
  record: AgentRecord;
}

const REPLICAS = { min: 0, max: 2 };
const REPLICAS_MAX = 1_000;
const MEMORY_MB = 256;
const MEMORY_MB_MAX = 1_048_576;

/**
 * Bundles and loads a module. Errors are those of `AgentRegistry.register()`.
 */
export async function toCandidate(
  source: AgentSource,
  { tenant }: Registrant,
  options: RegisterAgentOptions & { cells: Pick<Cells, "visit">; dataDir: string },
): Promise<Candidate> {
  const { cells, dataDir } = options;
  const { bundle, module } = await loadModule(source, dataDir);
  const placement = placementOf(options);
  const granted = resolveGrants(options.grants ?? {});
  const permissions = options.grantsAll === true ? noPermissions() : granted;
  const { manifest: declaration, manifestHash } = requireAgent(
    await load(cells, bundle, {
      name: module,
      codeHash: bundle.hash,
      permissions,
      concurrency: 1,
      ...placement,
    }),
  );
  const { name, version } = requireNamed(declaration);
  const asked = declaration.permissions ?? {};
  if (options.grantsAll !== true) requireGranted(name, asked, granted);
  const record: AgentRecord = {
    module,
    declaration,
    permissions: options.grantsAll === true ? resolveGrants(asked) : granted,
    concurrency: options.concurrency ?? declaration.concurrency ?? 1,
    ...placement,
  };
  return { name, version, tenant, bundle, manifestHash, record };
}

function placementOf(
  { replicas = REPLICAS, memoryMb = MEMORY_MB, concurrency = 1 }: RegisterAgentOptions,
): { replicas: { min: number; max: number }; memoryMb: number } {
  const { min, max } = replicas;
  const isRight = isWhole(min, 0, REPLICAS_MAX) && isWhole(max, Math.max(1, min), REPLICAS_MAX) &&
    isWhole(memoryMb, 32, MEMORY_MB_MAX) && isWhole(concurrency, 1, 10_000);
  if (isRight) return { replicas: { min, max }, memoryMb };
  throw invalidManifest("asks for replicas, memory or concurrency out of bounds");
}

function isWhole(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

/** What the module says of itself. That it says nothing good is the author's to mend. */
async function load(
  cells: Pick<Cells, "visit">,
  { code }: Bundle,
  manifest: AgentManifest,
): Promise<AgentInfo> {
  try {
    return await cells.visit(manifest, code);
  } catch (error) {
    if (!(error instanceof DenizenError) || error.code === "UNAVAILABLE") throw error;
    throw new InvalidInputError(error.code, {
      message: `Cannot load the agent's module: ${error.message}`,
      hint: "Mend what runs when the module is loaded, then register it again",
    });
  }
}

function requireAgent(
  { kind, manifest, manifestHash }: AgentInfo,
): { manifest: AgentDeclaration; manifestHash: string } {
  if (kind === "agent" && manifest !== null && manifestHash !== null) {
    return { manifest, manifestHash };
  }
  throw new InvalidInputError("AGENT_INVALID", {
    message: "Cannot register the module: it is an actor, not an agent",
    hint: "Actors belong to the file of an actor system",
  });
}

function requireNamed({ name, version }: AgentDeclaration): { name: string; version: string } {
  if (!isAgentName(name)) {
    throw invalidManifest(
      `has name ${JSON.stringify(name.slice(0, 80))}, not one of small letters, digits and "-"`,
    );
  }
  if (version === null) throw invalidManifest('has no version: write version: "1.0.0"');
  return { name, version };
}

function invalidManifest(problem: string): InvalidInputError {
  return new InvalidInputError("AGENT_MANIFEST_INVALID", {
    message: `Cannot register the agent: its manifest ${problem}`,
    hint: "See docs/agents.md for what a manifest says",
  });
}
