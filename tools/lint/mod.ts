/**
 * The house rules that `deno lint` checks beside its own: the pure folders touch no effect, no
 * function is longer than 70 lines, and no comment promises work for later. `deno.json` loads it.
 *
 * @module
 */
import { functionLength } from "./function_length.ts";
import { noPromises } from "./no_promises.ts";
import { pureFolders } from "./pure_folders.ts";

const house: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "function-length": functionLength,
    "no-promises": noPromises,
    "pure-folders": pureFolders,
  },
};

export default house;
