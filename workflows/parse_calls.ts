/**
 * Checks the functions that expressions call.
 *
 * @module
 */
import { hintFrom } from "../core/document/mod.ts";
import { type Call, FUNCTION_SYNONYMS, knownFunctions, STATUS_FUNCTIONS } from "../rules/mod.ts";
import type { Site } from "./parse_site.ts";

/** Whether a call can be what was meant. */
export function checkCall(call: Call, site: Site): boolean {
  const forms = knownFunctions().get(call.name);
  if (forms === undefined) {
    const synonym = Object.hasOwn(FUNCTION_SYNONYMS, call.name)
      ? FUNCTION_SYNONYMS[call.name]
      : undefined;
    const names = [...knownFunctions().keys()];
    site.report(call.offset, {
      code: "UNKNOWN_FUNCTION",
      message: `Cannot find the function "${call.name}"`,
      hint: synonym === undefined ? hintFrom(call.name, names, "functions") : `Write ${synonym}`,
    });
    return false;
  }
  if (
    !forms.some((form) =>
      form.isMethod === call.isMethod && form.argumentCount === call.argumentCount
    )
  ) {
    site.report(call.offset, { code: "UNKNOWN_FUNCTION", ...explainForm(call, forms) });
    return false;
  }
  if (!STATUS_FUNCTIONS.includes(call.name) || site.scope.hasStatusFunctions) return true;
  site.report(call.offset, {
    code: "NAME_NOT_AVAILABLE",
    message: `Cannot use "${call.name}()" in ${site.scope.where}`,
    hint: 'Use it in the "if" of a task; elsewhere ask tasks.ID.status',
  });
  return false;
}

function explainForm(
  call: Call,
  forms: readonly { isMethod: boolean; argumentCount: number }[],
): { message: string; hint: string } {
  const sameKind = forms.filter((form) => form.isMethod === call.isMethod);
  if (sameKind.length === 0) {
    return call.isMethod
      ? { message: `Cannot call "${call.name}" on a value`, hint: `Write ${call.name}(x)` }
      : {
        message: `Cannot call "${call.name}" without a value before it`,
        hint: `Write x.${call.name}(…)`,
      };
  }
  const counts = [...new Set(sameKind.map((form) => form.argumentCount))].sort().join(" or ");
  return {
    message: `Cannot call "${call.name}" with ${call.argumentCount} arguments: it takes ${counts}`,
    hint: call.name === "map" || call.name === "filter"
      ? `Write list.${call.name}(x, …): first a name for the item, then what to do with it`
      : "Add or remove arguments",
  };
}
