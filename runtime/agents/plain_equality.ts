import type { Ajv2020 } from "ajv/dist/2020.js";
import { canonicalJson, isJsonObject, type Json } from "../../core/json.ts";

/**
 * Lets `enum`, `const` and `uniqueItems` compare values as JSON. Ajv's own comparison calls `valueOf`
 * and `toString` of a value, which are members of it like any other where it came as JSON:
 * `{"valueOf": null}` made every check of such a value throw.
 */
export function withPlainEquality(ajv: Ajv2020): Ajv2020 {
  for (const keyword of ["enum", "const", "uniqueItems"]) ajv.removeKeyword(keyword);
  ajv.addKeyword({
    keyword: "enum",
    schemaType: "array",
    compile: (values: Json[]) => oneOf(values, "enum", { allowedValues: values }),
  });
  ajv.addKeyword({
    keyword: "const",
    compile: (value: Json) => oneOf([value], "const", { allowedValue: value }),
  });
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    compile: (isWanted: boolean) => {
      const check: Check = (items) => {
        const isUnique = !isWanted || !Array.isArray(items) ||
          new Set(items.map(canonicalJson)).size === items.length;
        return tell(check, isUnique, { keyword: "uniqueItems", params: {}, message: REPEATED });
      };
      return check;
    },
  });
  return ajv;
}

const REPEATED = "must not have the same item twice";

/** As Ajv takes it: what is wrong stands on the function itself. */
type Check = ((value: Json) => boolean) & { errors?: Problem[] };

interface Problem {
  keyword: string;
  params: Record<string, Json>;
  message: string;
}

function oneOf(values: readonly Json[], keyword: string, params: Problem["params"]): Check {
  const message = keyword === "enum"
    ? "must be equal to one of the allowed values"
    : "must be equal to constant";
  const check: Check = (value) =>
    tell(check, values.some((one) => isSame(one, value)), { keyword, params, message });
  return check;
}

function tell(check: Check, fits: boolean, problem: Problem): boolean {
  if (fits) delete check.errors;
  else check.errors = [problem];
  return fits;
}

/** Ends where they differ: a large value costs no more than the one that it is compared with. */
function isSame(one: Json, other: Json): boolean {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length &&
      one.every((item, at) => isSame(item, other[at]!));
  }
  if (!isJsonObject(one) || !isJsonObject(other)) return one === other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key]!, other[key]!));
}
