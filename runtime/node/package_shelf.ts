import type { Store } from "../../core/ports.ts";
import type { Plan, RunEvent } from "../../workflows/mod.ts";
import { type LoadedWorkflow, loadPackage, planOf, type WorkflowPackage } from "./packages.ts";

/** Packages that runs of this node are pinned to, each read and compiled once. */
export class PackageShelf {
  readonly #store: () => Promise<Store<RunEvent>>;
  readonly #plans = new Map<string, Promise<Plan>>();
  readonly #packages = new Map<string, Promise<WorkflowPackage>>();

  constructor(store: () => Promise<Store<RunEvent>>) {
    this.#store = store;
  }

  /** Stores definition and code, once, before a run refers to them. */
  remember(workflow: LoadedWorkflow): Promise<Plan> {
    const { packageHash } = workflow;
    this.#packages.set(packageHash, Promise.resolve(workflow.package));
    return keep(this.#plans, packageHash, () => this.#storePackage(workflow));
  }

  /** A package as it was stored at submission. */
  package(packageHash: string): Promise<WorkflowPackage> {
    return keep(
      this.#packages,
      packageHash,
      async () => await loadPackage(await this.#store(), packageHash),
    );
  }

  plan(packageHash: string): Promise<Plan> {
    return keep(
      this.#plans,
      packageHash,
      async () => planOf(await this.package(packageHash), packageHash),
    );
  }

  /** The bundled module of that hash. */
  async code(codeHash: string): Promise<string> {
    return new TextDecoder().decode(await (await this.#store()).getBlob(codeHash));
  }

  async #storePackage(workflow: LoadedWorkflow): Promise<Plan> {
    const store = await this.#store();
    const encoder = new TextEncoder();
    for (const code of workflow.code.values()) await store.putBlob(encoder.encode(code));
    await store.putBlob(encoder.encode(workflow.packageText));
    return planOf(workflow.package, workflow.packageHash);
  }
}

/** What failed is forgotten, so that the next caller tries again. */
function keep<T>(
  shelf: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  let kept = shelf.get(key);
  if (kept === undefined) {
    shelf.set(key, kept = make());
    kept.catch(() => shelf.delete(key));
  }
  return kept;
}
