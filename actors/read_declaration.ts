/**
 * Reads what a module says of itself. It is used on both sides: in the worker, so that an author is
 * told at once what is wrong, and in the node, because nothing that a worker says is true until then.
 *
 * @module
 */
import { isJsonObject, type Json, type JsonObject } from "../core/json.ts";
import { suggest } from "../core/suggest.ts";
import {
  type AgentDeclaration,
  type CapabilityDeclaration,
  type CapabilityExample,
  DECLARATION_LIMITS as LIMITS,
} from "./declaration.ts";
import type { Permissions } from "./manifest.ts";

/** Names of agents of workflow files are freer: only what is registered is held to {@linkcode isAgentName}. */
const CAPABILITY = /^(?!(?:__proto__|constructor|prototype)$)[A-Za-z$][\w.$-]{0,127}$/;
const AGENT = /^(?!(?:constructor|prototype)$)[a-z][a-z0-9-]{0,63}$/;
const SEMVER =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z][0-9A-Za-z.-]{0,63})?$/;

/** Kinds of {@linkcode Permissions}. */
export const PERMISSION_KINDS: readonly (keyof Permissions)[] = [
  "read",
  "write",
  "net",
  "env",
  "run",
  "sys",
  "ffi",
  "import",
];

/** Whether `name` can stand before the `@` of a registered agent: `[a-z][a-z0-9-]*`, 64 at most. */
export function isAgentName(name: string): boolean {
  return AGENT.test(name);
}

/** Whether `name` can be a capability of an agent. */
export function isCapabilityName(name: string): boolean {
  return CAPABILITY.test(name);
}

/** A manifest, or what is wrong with it, in words that follow "the manifest". */
export type ReadDeclaration =
  | { declaration: AgentDeclaration; problem: null }
  | { declaration: null; problem: string };

/**
 * Checks every part of a manifest. Total: whatever it is given, it answers.
 *
 * @param value as `JSON.parse` made it
 */
export function readDeclaration(value: unknown): ReadDeclaration {
  try {
    return { declaration: readAll(new Part(value as Json, "")), problem: null };
  } catch (error) {
    if (error instanceof Problem) return { declaration: null, problem: error.message };
    throw error;
  }
}

function readAll(part: Part): AgentDeclaration {
  const all = part.object([
    "name",
    "version",
    "description",
    "permissions",
    "concurrency",
    "costUsd",
    "bids",
    "capabilities",
  ]);
  const declaration = {
    name: all("name").text(LIMITS.textCharsMax),
    version: all("version").orNull((version) => version.matching(SEMVER, "a version: 1.2.0")),
    description: all("description").orNull((text) => text.text(LIMITS.textCharsMax)),
    permissions: all("permissions").orNull(readPermissions),
    concurrency: all("concurrency").orNull((count) => count.integer(1, LIMITS.concurrencyMax)),
    costUsd: all("costUsd").number(LIMITS.costUsdMax),
    bids: all("bids").boolean(),
    capabilities: all("capabilities").list(LIMITS.capabilitiesMax, readCapability),
  };
  const { capabilities } = declaration;
  capabilities.sort((a, b) => a.name < b.name ? -1 : 1);
  const twice = capabilities.find(({ name }, at) => capabilities[at + 1]?.name === name);
  if (twice !== undefined) throw new Problem(`names capability "${twice.name}" twice`);
  return declaration;
}

function readCapability(part: Part): CapabilityDeclaration {
  const of = part.object(["name", "input", "output", "isA", "partOf", "examples"]);
  return {
    name: of("name").matching(CAPABILITY, "a capability: words joined by dots"),
    input: of("input").orNull((schema) => schema.json(LIMITS.schemaCharsMax) as JsonObject),
    output: of("output").orNull((schema) => schema.json(LIMITS.schemaCharsMax) as JsonObject),
    isA: readKin(of("isA")),
    partOf: readKin(of("partOf")),
    examples: of("examples").list(LIMITS.examplesMax, readExample),
  };
}

function readKin(part: Part): string[] {
  const names = part.list(
    LIMITS.kinMax,
    (name) => name.matching(CAPABILITY, "a capability: words joined by dots"),
  );
  return [...new Set(names)].sort();
}

function readExample(part: Part): CapabilityExample {
  part.json(LIMITS.exampleCharsMax);
  const of = part.object(["input", "output"]);
  const output = of("output").value;
  return { input: of("input").value ?? null, ...(output === undefined ? {} : { output }) };
}

function readPermissions(part: Part): Partial<Permissions> {
  const of = part.object(PERMISSION_KINDS);
  const permissions: Partial<Permissions> = {};
  for (const kind of PERMISSION_KINDS) {
    const grants = of(kind);
    if (grants.value === undefined) continue;
    permissions[kind] = grants.list(LIMITS.grantsMax, (grant) => grant.text(LIMITS.textCharsMax));
  }
  return permissions;
}

/** Never leaves this file. */
class Problem extends Error {}

/** A part of the manifest, and its place in it. */
class Part {
  constructor(readonly value: Json | undefined, readonly place: string) {}

  #fail(what: string): never {
    throw new Problem(`has ${what} at "${this.place || "/"}"`);
  }

  /** Reads members by name; others than `keys` are a problem. */
  object(keys: readonly string[]): (key: string) => Part {
    const { value, place } = this;
    if (!isJsonObject(value)) return this.#fail("no object");
    const stranger = Object.keys(value).find((key) => !keys.includes(key));
    if (stranger !== undefined) {
      const near = suggest(stranger.slice(0, QUOTED_MAX), keys);
      const hint = near === null ? "" : ` (did you mean ${quote(near)}?)`;
      this.#fail(`an unknown key ${quote(stranger)}${hint}`);
    }
    return (key) => new Part(Object.hasOwn(value, key) ? value[key] : undefined, `${place}/${key}`);
  }

  list<Item>(max: number, read: (part: Part) => Item): Item[] {
    const { value, place } = this;
    if (!Array.isArray(value)) return this.#fail("no list");
    if (value.length > max) this.#fail(`${value.length} entries, more than ${max},`);
    return value.map((item, at) => read(new Part(item, `${place}/${at}`)));
  }

  orNull<Value>(read: (part: Part) => Value): Value | null {
    return this.value === undefined || this.value === null ? null : read(this);
  }

  text(charsMax: number): string {
    const { value } = this;
    if (typeof value !== "string") return this.#fail("no text");
    if (value.length > charsMax) this.#fail(`a text of more than ${charsMax} characters`);
    return value;
  }

  matching(pattern: RegExp, noun: string): string {
    const text = this.text(LIMITS.nameCharsMax);
    return pattern.test(text) ? text : this.#fail(`${quote(text)}, which is not ${noun},`);
  }

  integer(min: number, max: number): number {
    const { value } = this;
    const fits = Number.isSafeInteger(value) && (value as number) >= min &&
      (value as number) <= max;
    return fits ? value as number : this.#fail(`no whole number from ${min} to ${max}`);
  }

  number(max: number): number {
    const { value } = this;
    const fits = typeof value === "number" && value >= 0 && value <= max;
    return fits ? value : this.#fail(`no number from 0 to ${max}`);
  }

  boolean(): boolean {
    return typeof this.value === "boolean" ? this.value : this.#fail("neither true nor false");
  }

  json(charsMax: number): Json {
    const { value } = this;
    if (!isJsonObject(value)) return this.#fail("no object");
    if (JSON.stringify(value).length > charsMax) this.#fail(`more than ${charsMax} characters`);
    return value;
  }
}

const QUOTED_MAX = 80;

function quote(text: string): string {
  return JSON.stringify(text.slice(0, QUOTED_MAX));
}
