import { InvalidSystemError, parseSystem, type SystemDefinition } from "../../actors/system/mod.ts";
import type { Issue } from "../../core/errors.ts";
import type { Bundle } from "../cells/bundle.ts";
import { bundleModules, readSourceFile } from "../cells/bundle_modules.ts";

/** An actor system that can be started. */
export interface LoadedSystem {
  /** Path of the file, as given. */
  file: string;
  /** The file, parsed and checked. */
  definition: SystemDefinition;
  /** Code and its SHA-256 (hex) by the actor's name. */
  bundles: ReadonlyMap<string, Bundle>;
  /** What the file's author should look at; none of it refuses the file. */
  warnings: Issue[];
}

/**
 * Reads, checks and bundles an actor system file.
 *
 * @param options `cacheDir`: where bundles are kept between starts. `foreign`: what becomes of an
 *   actor's static import of a file outside the folder: `refuse` makes it an issue, `defer` leaves
 *   it to the worker's permissions
 * @throws {InvalidSystemError} with all issues of the file and of the modules it names
 * @throws {InvalidInputError} `FILE_NOT_READABLE`
 */
export async function loadSystem(
  file: string,
  options: { cacheDir: string; foreign?: "refuse" | "defer" },
): Promise<LoadedSystem> {
  const parsed = parseSystem(await readSourceFile(file, "system file"), file);
  const { definition, issues: warnings } = parsed;
  if (definition === null) throw new InvalidSystemError(file, parsed.issues);
  const { bundles, issues } = await bundleModules(definition.actors, {
    ...options,
    file,
    section: "actors",
    placeOf: parsed.placeOf,
  });
  if (issues.length > 0) throw new InvalidSystemError(file, [...warnings, ...issues]);
  return { file, definition, bundles, warnings };
}
