/**
 * Makes runs ready to be worked on: their agents in the cells, their actor system up.
 *
 * @module
 */
import type { JsonObject } from "../../core/json.ts";
import type { RunEntry } from "../../core/ports.ts";
import {
  ACTOR_SYSTEM,
  createRunState,
  hasEnded,
  type Plan,
  type RunOrigin,
  type RunState,
} from "../../workflows/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { type AgentMarkets, needsMarket } from "../assignment/mod.ts";
import { type ActiveRun, type AgentMarket, createActiveRun } from "../scheduler/mod.ts";
import { hasFixedPermissions, manifestOf } from "./agents_of_run.ts";
import { keyOfSystem } from "./attempt_desk.ts";
import type { HostedSystems } from "./hosted_systems.ts";
import type { PackageShelf } from "./package_shelf.ts";
import type { WorkflowPackage } from "./packages.ts";

export interface RunFactoryOptions {
  cells: Pick<Cells, "register" | "inspect" | "warm">;
  shelf: PackageShelf;
  systems: Pick<HostedSystems, "start">;
  /**
   * Finds agents for tasks that name a capability, or an agent that is registered. Default: the first
   * of the file that has a place.
   */
  markets?: () => Promise<Pick<AgentMarkets, "of">>;
}

/** A run that is about to be submitted. */
export interface NewRun {
  runId: string;
  plan: Plan;
  content: WorkflowPackage;
  /** Checked against the workflow's schema. */
  input: JsonObject;
  /** Absolute folder that relative paths begin at. */
  workDir: string;
  partition: number;
  origin?: RunOrigin;
  /** Modules by their hash, as far as they are at hand. */
  code?: ReadonlyMap<string, string>;
}

/** Cells are started ahead of need up to so many; beyond, only for work that is ready. */
const WARM_CELLS_MAX = 12;

export class RunFactory {
  readonly #options: RunFactoryOptions;
  readonly #agentKeys = new WeakMap<
    WorkflowPackage,
    { workDir: string; keys: ReadonlyMap<string, string> }
  >();

  constructor(options: RunFactoryOptions) {
    this.#options = options;
  }

  /**
   * A run that nothing is known of yet.
   *
   * @throws as starting its actor system and resolving the permissions of its agents do
   */
  async create({ runId, plan, content, input, workDir, partition, origin, code }: NewRun) {
    await this.startSystem(content, workDir, code);
    const agentKeys = await this.#registerAgents(content, { input, runId, workDir }, code);
    const market = await this.#marketOf(content, { workDir, origin });
    return newRun({ runId, plan, partition }, agentKeys, market);
  }

  /** A run that cannot be worked on, so that it can be said why. */
  createBroken(run: Pick<NewRun, "runId" | "plan" | "partition">): ActiveRun {
    return newRun(run, new Map());
  }

  /** A folded run, ready to go on. */
  async activate({ state, entry }: { state: RunState; entry: RunEntry }): Promise<ActiveRun> {
    const content = await this.#options.shelf.package(state.plan.packageHash);
    const { input, runId, workDir, origin } = state;
    if (!hasEnded(state.status)) await this.startSystem(content, workDir);
    return createActiveRun(
      state,
      entry,
      await this.#registerAgents(content, { input, runId, workDir }),
      await this.#marketOf(content, { workDir, origin }),
    );
  }

  async #marketOf(
    content: WorkflowPackage,
    { workDir, origin }: { workDir: string; origin?: RunOrigin },
  ): Promise<AgentMarket | null> {
    const { markets: open } = this.#options;
    if (open === undefined || !needsMarket(content.definition)) return null;
    const markets = await open();
    return await markets.of(content, { workDir, tenant: origin?.tenant ?? null });
  }

  /** The actor system of a workflow that names one. */
  async startSystem(
    { system }: WorkflowPackage,
    workDir: string,
    code?: ReadonlyMap<string, string>,
  ): Promise<void> {
    if (system !== undefined) await this.#options.systems.start(system, workDir, code);
  }

  /** Keys in the cells by agent name; cells start to warm up. */
  async #registerAgents(
    content: WorkflowPackage,
    run: { input: JsonObject; runId: string; workDir: string },
    code?: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, string>> {
    const known = this.#agentKeys.get(content);
    if (known?.workDir === run.workDir) return known.keys;
    const { cells, shelf } = this.#options;
    const { definition } = content;
    const bindings = {
      input: run.input,
      vars: definition.vars,
      run: { id: run.runId, name: definition.name },
    };
    const keys = new Map<string, string>();
    for (const spec of definition.agents) {
      const { codeHash } = content.agents[spec.name]!;
      const manifest = await manifestOf(spec, codeHash, { bindings, workDir: run.workDir });
      const key = cells.register(manifest, code?.get(codeHash) ?? await shelf.code(codeHash));
      if (cells.inspect().length < WARM_CELLS_MAX) cells.warm(key);
      keys.set(spec.name, key);
    }
    if (content.system !== undefined) {
      keys.set(ACTOR_SYSTEM, keyOfSystem(content.system.definition.name));
    }
    // Where nothing depends on the run, all runs of the package share the same keys.
    if (definition.agents.every(hasFixedPermissions)) {
      this.#agentKeys.set(content, { workDir: run.workDir, keys });
    }
    return keys;
  }
}

function newRun(
  { runId, plan, partition }: Pick<NewRun, "runId" | "plan" | "partition">,
  agentKeys: ReadonlyMap<string, string>,
  market: AgentMarket | null = null,
): ActiveRun {
  const { name, version } = plan.definition;
  const entry: RunEntry = {
    runId,
    workflow: name,
    version: version ?? null,
    status: "running",
    submittedAt: 0,
    finishedAt: null,
    partition,
    firstSeq: 0,
    packageHash: plan.packageHash,
  };
  return createActiveRun(createRunState(runId, plan), entry, agentKeys, market);
}
