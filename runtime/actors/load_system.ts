import { join } from "node:path";
import {
  InvalidSystemError,
  isSystemFile,
  parseSystem,
  type SystemDefinition,
} from "../../actors/system/mod.ts";
import { InvalidInputError, type Issue } from "../../core/errors.ts";
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
 * @throws {InvalidInputError} `FILE_NOT_READABLE`, `FILE_KIND_WRONG` when it is a workflow file
 */
export async function loadSystem(
  file: string,
  options: { cacheDir: string; foreign?: "refuse" | "defer" },
): Promise<LoadedSystem> {
  const text = await readSourceFile(file, "system file");
  if (!isSystemFile(text) && WORKFLOW_KEY.test(text)) throw isWorkflow(file);
  const parsed = parseSystem(text, file);
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

const WORKFLOW_KEY = /^"?tasks"?\s*:/m;

function isWorkflow(file: string): InvalidInputError {
  return new InvalidInputError("FILE_KIND_WRONG", {
    message: `Cannot run "${file}" as an actor system: it is a workflow`,
    hint: `Use: deno task run ${file}`,
  });
}

/** What a system that is declared in code is called where a file would be named. */
const IN_CODE = "defineSystem()";

/**
 * Bundles the modules of an actor system that is declared in code.
 *
 * @param options `moduleDir`: folder at which the paths of modules begin, and out of which they
 *   import nothing. The others as of {@linkcode loadSystem}
 * @throws {InvalidSystemError} with all issues of the modules
 */
export async function loadDefinition(
  definition: SystemDefinition,
  { moduleDir, ...options }: {
    moduleDir: string;
    cacheDir: string;
    foreign?: "refuse" | "defer";
  },
): Promise<LoadedSystem> {
  const { bundles, issues } = await bundleModules(definition.actors, {
    ...options,
    file: join(moduleDir, IN_CODE),
    section: "actors",
    placeOf: () => ({ line: 0, column: 0 }),
  });
  if (issues.length > 0) throw new InvalidSystemError(IN_CODE, issues);
  return { file: IN_CODE, definition, bundles, warnings: [] };
}
