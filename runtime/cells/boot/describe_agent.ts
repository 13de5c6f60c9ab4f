/**
 * The manifest of an agent's module, read from its default export. Runs inside the worker.
 *
 * @module
 */
import { DECLARATION_LIMITS as LIMITS } from "../../../actors/declaration.ts";
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from "../../../actors/frames.ts";
import { readDeclaration } from "../../../actors/read_declaration.ts";
import { codedError } from "./failure.ts";
import { findUnfit } from "./find_unfit.ts";

type Members = Record<string, unknown>;

const { stringify, parse } = JSON;
const FIT = {
  charsMax: LIMITS.exampleCharsMax,
  valuesMax: JSON_VALUES_MAX,
  depthMax: JSON_DEPTH_MAX,
};

/**
 * JSON text of the manifest, as `readDeclaration()` takes it.
 *
 * @param content the module's default export
 * @throws a coded error `AGENT_MANIFEST_INVALID`
 */
export function describeAgent(content: Members): string {
  const { name, version, description, permissions, concurrency, costUsd = 0, bid } = content;
  const capabilities = Object.entries(isObject(content.capabilities) ? content.capabilities : {});
  if (capabilities.length > LIMITS.capabilitiesMax) {
    throw invalid(`has ${capabilities.length} capabilities, more than ${LIMITS.capabilitiesMax}`);
  }
  const text = stringify({
    name: typeof name === "string" ? name : "",
    version,
    description,
    permissions,
    concurrency,
    costUsd,
    bids: typeof bid === "function",
    capabilities: capabilities.map(([key, value]) => describeCapability(key, value)),
  });
  if (text.length > LIMITS.charsMax) throw invalid(`has more than ${LIMITS.charsMax} characters`);
  const { problem } = readDeclaration(parse(text));
  if (problem !== null) throw invalid(problem);
  return text;
}

function describeCapability(name: string, value: unknown): Members {
  const { input, output, isA, partOf, examples = [] } = (isObject(value) ? value : {}) as Members;
  return {
    name,
    input: toJsonSchema(input, "input"),
    output: toJsonSchema(output, "output"),
    isA: toList(isA),
    partOf: toList(partOf),
    examples: Array.isArray(examples) ? examples.map((each) => toExample(name, each)) : examples,
  };
}

function toList(names: unknown): unknown {
  if (names === undefined) return [];
  return typeof names === "string" ? [names] : names;
}

/** What JSON would change without a word is no example. */
function toExample(capability: string, example: unknown): unknown {
  const unfit = findUnfit(example, FIT);
  if (unfit === null) return example;
  throw invalid(`has an example of "${capability}" that is no JSON of ${FIT.charsMax} characters`);
}

/**
 * The schema as JSON Schema, where its library can tell (https://standardschema.dev/json-schema);
 * what cannot be said in JSON Schema says nothing there.
 */
function toJsonSchema(schema: unknown, side: "input" | "output"): unknown {
  if (!isObject(schema)) return null;
  const standard = schema["~standard"];
  const converter = isObject(standard) ? standard.jsonSchema : undefined;
  if (!isObject(converter) || typeof converter[side] !== "function") return null;
  const libraryOptions = { unrepresentable: "any" };
  let converted: unknown;
  try {
    converted = converter[side]({ target: "draft-2020-12", libraryOptions });
  } catch {
    return null; // The schema still checks every value; it only cannot be shown.
  }
  // A library's own object may carry more than its text does.
  return isObject(converted) ? parse(stringify(converted)) : null;
}

function invalid(problem: string): Error {
  return codedError("AGENT_MANIFEST_INVALID", `The agent's manifest ${problem}`);
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null;
}
