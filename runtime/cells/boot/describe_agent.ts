/**
 * The manifest of an agent's module, read from its default export. Runs inside the worker.
 *
 * @module
 */
import { DECLARATION_LIMITS as LIMITS } from "../../../actors/declaration.ts";
import { JSON_DEPTH_MAX, JSON_VALUES_MAX } from "../../../actors/frames.ts";
import { readDeclaration } from "../../../actors/read_declaration.ts";
import { suggest } from "../../../core/suggest.ts";
import { codedError } from "./failure.ts";
import { findUnfit } from "./find_unfit.ts";

type Members = Record<string, unknown>;

const AGENT_KEYS = [
  "name",
  "version",
  "description",
  "permissions",
  "concurrency",
  "costUsd",
  "capabilities",
  "bid",
  "run",
];
const CAPABILITY_KEYS = ["input", "output", "isA", "partOf", "examples"];
const KEY_CHARS_MAX = 80;

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
  refuseUnknown(content, AGENT_KEYS, "/");
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
  if (isObject(value)) refuseUnknown(value, CAPABILITY_KEYS, `/capabilities/${name}`);
  const { input, output, isA, partOf, examples = [] } = (isObject(value) ? value : {}) as Members;
  return {
    name,
    input: toJsonSchema(requireSchema(input, name, "input"), "input"),
    output: toJsonSchema(requireSchema(output, name, "output"), "output"),
    isA: toList(isA),
    partOf: toList(partOf),
    examples: Array.isArray(examples) ? examples.map((each) => toExample(name, each)) : examples,
  };
}

/** What nobody reads was meant to say something. An agent may have functions of its own. */
function refuseUnknown(of: Members, known: readonly string[], place: string): void {
  for (const key of Object.keys(of)) {
    if (known.includes(key)) continue;
    const near = suggest(key.slice(0, KEY_CHARS_MAX), known);
    if (near === null && typeof of[key] === "function") continue;
    const hint = near === null ? `it may have: ${known.join(", ")}` : `did you mean "${near}"?`;
    const where = place.slice(0, 2 * KEY_CHARS_MAX);
    throw invalid(
      `has an unknown key ${stringify(key.slice(0, KEY_CHARS_MAX))} at "${where}": ${hint}`,
    );
  }
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

/** What cannot check a value must not look as if it did. */
function requireSchema(schema: unknown, capability: string, side: "input" | "output"): unknown {
  if (schema === undefined) return schema;
  const standard = (schema as Members | null)?.["~standard"];
  if (isObject(standard) && typeof standard.validate === "function") return schema;
  throw invalid(
    `has for the ${side} of "${capability.slice(0, KEY_CHARS_MAX)}" something that is no schema: ` +
      "write it with zod, such as z.object({ text: z.string() }), or with another library that " +
      "follows https://standardschema.dev",
  );
}

/**
 * The schema as JSON Schema, where its library can tell (https://standardschema.dev/json-schema);
 * what cannot be said in JSON Schema says nothing there.
 */
function toJsonSchema(schema: unknown, side: "input" | "output"): unknown {
  const standard = (schema as Members | undefined)?.["~standard"];
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
