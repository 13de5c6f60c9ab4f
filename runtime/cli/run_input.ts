import { readFile } from "node:fs/promises";
import { InvalidInputError } from "../../core/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../core/json.ts";
import type { JsonSchema } from "../../workflows/mod.ts";

/**
 * The run's input from `--input-file` and, on top of it, `--input KEY=VALUE`.
 *
 * @param schema the workflow's: a key that wants no text gets the value read as JSON; a list that is
 *   given as plain values takes one from each `--input`
 * @throws {InvalidInputError} `INPUT_OPTION_WRONG`, `INPUT_FILE_WRONG`
 */
export async function readRunInput(
  pairs: readonly string[],
  file: string | undefined,
  schema: JsonSchema | undefined,
): Promise<JsonObject> {
  const input = file === undefined ? {} : await readInputFile(file);
  const given = new Set<string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw wrongOption(pair, "it is not KEY=VALUE");
    const key = pair.slice(0, at);
    const value = readValue(pair.slice(at + 1), propertySchema(schema, key), pair);
    const before = input[key];
    if (!given.has(key)) setOwn(input, key, value);
    else if (Array.isArray(before) && Array.isArray(value)) before.push(...value);
    else throw wrongOption(pair, `"${key}" is given twice`);
    given.add(key);
  }
  return input;
}

/** Also a key such as `__proto__` is data. */
function setOwn(target: JsonObject, key: string, value: Json): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

async function readInputFile(file: string): Promise<JsonObject> {
  const text = file === "-" ? await new Response(Deno.stdin.readable).text() : await readText(file);
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw new InvalidInputError("INPUT_FILE_WRONG", {
    message: `Cannot read input from "${file}": it holds no JSON object`,
    hint: 'Write the inputs as one JSON object, such as {"path": "."}',
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new InvalidInputError("INPUT_FILE_WRONG", {
      message: `Cannot read input file "${file}"`,
      hint: "Check the path, or use - for standard input",
      cause,
    });
  }
}

function propertySchema(schema: JsonSchema | undefined, key: string): JsonObject {
  const properties = schema?.properties;
  if (!isJsonObject(properties) || !Object.hasOwn(properties, key)) return {};
  const found = properties[key];
  return isJsonObject(found) ? found : {};
}

function readValue(text: string, schema: JsonObject, pair: string): Json {
  const types = typesOf(schema);
  if (types.length === 0 || types.includes("string")) return text;
  const value = parseJson(text);
  if (!types.includes("array")) {
    if (value === undefined) throw wrongOption(pair, `its value is no ${types.join(" or ")}`);
    return value;
  }
  if (Array.isArray(value)) return value;
  return [readValue(text, isJsonObject(schema.items) ? schema.items : {}, pair)];
}

function typesOf({ type }: JsonObject): string[] {
  return (Array.isArray(type) ? type : [type]).filter((one) => typeof one === "string");
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrongOption(pair: string, why: string): InvalidInputError {
  return new InvalidInputError("INPUT_OPTION_WRONG", {
    message: `Cannot read --input "${pair}": ${why}`,
    hint: "Write --input KEY=VALUE; several, or anything nested, go into a file: --input-file FILE",
  });
}
