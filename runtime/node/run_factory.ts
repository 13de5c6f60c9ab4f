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
  type RunState,
} from "../../workflows/mod.ts";
import type { Cells } from "../cells/mod.ts";
import { type ActiveRun, createActiveRun } from "../scheduler/mod.ts";
import { hasFixedPermissions, manifestOf } from "./agents_of_run.ts";
import { keyOfSystem } from "./attempt_desk.ts";
import type { HostedSystems } from "./hosted_systems.ts";
import type { PackageShelf } from "./package_shelf.ts";
import type { WorkflowPackage } from "./packages.ts";

export interface RunFactoryOptions {
  cells: Pick<Cells, "register" | "inspect" | "warm">;
  shelf: PackageShelf;
  systems: Pick<HostedSystems, "start">;
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
  async create({ runId, plan, content, input, workDir, partition, code }: NewRun) {
    await this.startSystem(content, workDir, code);
    const agentKeys = await this.#registerAgents(content, { input, runId, workDir }, code);
    return newRun({ runId, plan, partition }, agentKeys);
  }

  /** A run that cannot be worked on, so that it can be said why. */
  createBroken(run: Pick<NewRun, "runId" | "plan" | "partition">): ActiveRun {
    return newRun(run, new Map());
  }

  /** A folded run, ready to go on. */
  async activate({ state, entry }: { state: RunState; entry: RunEntry }): Promise<ActiveRun> {
    const content = await this.#options.shelf.package(state.plan.packageHash);
    const { input, runId, workDir } = state;
    if (!hasEnded(state.status)) await this.startSystem(content, workDir);
    return createActiveRun(
      state,
      entry,
      await this.#registerAgents(content, { input, runId, workDir }),
    );
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
  return createActiveRun(createRunState(runId, plan), entry, agentKeys);
}
