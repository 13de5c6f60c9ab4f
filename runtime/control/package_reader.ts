import { InvalidInputError } from "../../core/errors.ts";
import type { Store } from "../../core/ports.ts";
import { digest } from "../store/blob_digest.ts";
import type { Plan, RunEvent } from "../../workflows/mod.ts";
import type { LoadedWorkflow, WorkflowPackage } from "../node/mod.ts";
import { loadPackage, planOf } from "../node/packages.ts";
import { BoundedCache } from "./bounded_cache.ts";

/** A package and the plan made of it. */
export interface PackagePlan {
  content: WorkflowPackage;
  plan: Plan;
}

/** A plan weighs as many as it has tasks; its package by the text that they and all else take. */
const PLANS = { entriesMax: 256, weightMax: 200_000 };
const CHARS_PER_TASK = 500;
const LOADED = { entriesMax: 128, weightMax: 64 * 1024 * 1024 };

/** Packages by their hash, as they were stored; those that were asked for last are kept. */
export class PackageReader {
  readonly #store: Pick<Store<RunEvent>, "getBlob">;
  readonly #plans = new BoundedCache<Promise<PackagePlan>>(PLANS);
  readonly #loaded = new BoundedCache<Promise<LoadedWorkflow>>(LOADED);

  constructor(store: Pick<Store<RunEvent>, "getBlob">) {
    this.#store = store;
  }

  /** @throws {InvalidInputError} `BLOB_MISSING` when nothing has that hash */
  plan(packageHash: string): Promise<PackagePlan> {
    return keep(this.#plans, packageHash, async () => {
      const content = await loadPackage(this.#store as Store<RunEvent>, packageHash);
      return { content, plan: planOf(content, packageHash) };
    }, ({ content, plan }) => {
      return plan.tasks.length + Math.ceil(JSON.stringify(content).length / CHARS_PER_TASK);
    });
  }

  /** A package with its code, ready to be submitted. @throws {InvalidInputError} `BLOB_MISSING` */
  loaded(packageHash: string, file: string): Promise<LoadedWorkflow> {
    return keep(this.#loaded, packageHash, () => this.#load(packageHash, file), weightOf);
  }

  /** Keeps what was just loaded or stored. */
  remember(workflow: LoadedWorkflow): void {
    this.#loaded.set(workflow.packageHash, Promise.resolve(workflow), weightOf(workflow));
  }

  async #load(packageHash: string, file: string): Promise<LoadedWorkflow> {
    const packageText = await this.#text(packageHash);
    const content: WorkflowPackage = JSON.parse(packageText);
    const hashes = new Set([
      ...Object.values(content.agents).map(({ codeHash }) => codeHash),
      ...Object.values(content.system?.code ?? {}),
    ]);
    const code = await Promise.all(
      [...hashes].map(async (hash): Promise<[string, string]> => [hash, await this.#text(hash)]),
    );
    return {
      file,
      definition: content.definition,
      packageHash,
      packageText,
      package: content,
      code: new Map(code),
      warnings: [],
    };
  }

  async #text(hash: string): Promise<string> {
    return new TextDecoder().decode(await this.#store.getBlob(hash));
  }
}

/** Puts texts into the store; their hashes, in the same order. */
export async function putTexts(
  store: Pick<Store<RunEvent>, "putBlob">,
  texts: readonly string[],
): Promise<string[]> {
  return await Promise.all(texts.map(async (text) => {
    const bytes = new TextEncoder().encode(text);
    return await store.putBlob(bytes, await digest(bytes));
  }));
}

/** Whether the error says that a blob is gone. */
export function isBlobMissing(error: unknown): boolean {
  return error instanceof InvalidInputError && error.code === "BLOB_MISSING";
}

/** Characters of what it holds. */
export function weightOf({ packageText, code }: LoadedWorkflow): number {
  return code.values().reduce((sum, text) => sum + text.length, packageText.length);
}

/** What failed is forgotten; how heavy a value is is known once it is there. */
function keep<Value>(
  cache: BoundedCache<Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
  weigh: (value: Value) => number,
): Promise<Value> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const making = make();
  cache.set(key, making);
  making.then(
    (value) => cache.set(key, making, weigh(value)),
    () => cache.delete(key),
  );
  return making;
}
