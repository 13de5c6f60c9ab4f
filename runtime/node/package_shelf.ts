import type { Store } from "../../core/ports.ts";
import type { Plan, RunEvent } from "../../workflows/mod.ts";
import { type LoadedWorkflow, loadPackage, planOf, type WorkflowPackage } from "./packages.ts";

/** Packages that runs of this node are pinned to, each read and compiled once. */
export class PackageShelf {
  readonly #store: () => Promise<Store<RunEvent>>;
  readonly #plans = new Map<string, Promise<Plan>>();
  readonly #packages = new Map<string, Promise<WorkflowPackage>>();
  /** Definition and code as they are stored, by their hash. */
  readonly #bytes = new WeakMap<LoadedWorkflow, ReadonlyMap<string, Uint8Array>>();

  constructor(store: () => Promise<Store<RunEvent>>) {
    this.#store = store;
  }

  /** Stores definition and code, each time before a run refers to them. */
  async remember(workflow: LoadedWorkflow): Promise<Plan> {
    const { packageHash } = workflow;
    this.#packages.set(packageHash, Promise.resolve(workflow.package));
    await this.#storePackage(workflow);
    return await this.plan(packageHash);
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

  async #storePackage(workflow: LoadedWorkflow): Promise<void> {
    const store = await this.#store();
    for (const [hash, bytes] of this.#bytesOf(workflow)) await store.putBlob(bytes, hash);
  }

  #bytesOf(workflow: LoadedWorkflow): ReadonlyMap<string, Uint8Array> {
    const known = this.#bytes.get(workflow);
    if (known !== undefined) return known;
    const encoder = new TextEncoder();
    const texts = [...workflow.code, [workflow.packageHash, workflow.packageText] as const];
    const bytes = new Map(texts.map(([hash, text]) => [hash, encoder.encode(text)]));
    this.#bytes.set(workflow, bytes);
    return bytes;
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
