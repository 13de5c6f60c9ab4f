import { type CatalogueEntry, entry, TRANSIENT } from "./entry.ts";

/** Why a definition, and the modules that it names, cannot be loaded. */
export const PACKAGE_ERRORS = {
  INVALID_WORKFLOW: entry(
    "invalid_input",
    "The workflow file has errors.",
    "`validate FILE` shows each with its place and what to write instead.",
  ),
  INVALID_SYSTEM: entry(
    "invalid_input",
    "The actor system has errors.",
    "`validate FILE` shows each with its place and what to write instead.",
  ),
  AGENT_MODULE_NOT_FOUND: entry(
    "invalid_input",
    "A module of an agent or actor, or a file that it imports, does not exist.",
    "Check the path. `module:` is relative to the file that names it; imports need their extension.",
  ),
  AGENT_SYNTAX: entry(
    "invalid_input",
    "A module of an agent cannot be parsed.",
    "Mend the syntax at the place named.",
  ),
  AGENT_IMPORT_REFUSED: entry(
    "invalid_input",
    "An agent imports something from the network, or a package without an exact version.",
    "Pin packages (`npm:name@1.2.3`); copy other code into the agent's folder.",
  ),
  NPM_PACKAGE_UNAVAILABLE: entry(
    "unavailable",
    "A package that an agent imports is not in the cache and could not be fetched.",
    "Check its name and version, and that the npm registry is reachable.",
    TRANSIENT,
  ),
} satisfies Record<string, CatalogueEntry>;
