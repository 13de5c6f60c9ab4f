/**
 * The keys that payloads of actors are sealed with, from the environment or a file. A key is never
 * printed: not by an error, not by JSON, not by a debugger's view of the ring.
 *
 * @module
 */
import { InvalidInputError } from "../../core/errors.ts";
import { isJsonObject, type Json } from "../../core/json.ts";
import { KEYS_VARIABLE } from "../cells/mod.ts";

/** Name to list of keys, 32 bytes each in base64, the newest first. */
export { KEYS_VARIABLE };

/** Where to look. */
export interface KeyRingSource {
  /** File with the ring; the environment is not asked then. */
  path?: string;
  /** Reads a variable of the environment. */
  readVariable?: (name: string) => string | undefined;
}

const FILE_BYTES_MAX = 1024 * 1024;
const KEYS_PER_NAME_MAX = 16;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** 32 bytes are 43 characters and one to fill up; the last of the 43 carries four bits. */
const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
/** Rights of the group and of everybody. */
const FOREIGN_RIGHTS = 0o077;

/** Keys by name. What it shows of itself are names and numbers. */
export class KeyRing {
  readonly #keys: ReadonlyMap<string, readonly string[]>;

  constructor(keys: ReadonlyMap<string, readonly string[]>) {
    this.#keys = keys;
  }

  get names(): string[] {
    return [...this.#keys.keys()];
  }

  has(name: string): boolean {
    return this.#keys.has(name);
  }

  /** The keys of these names and no others, newest first: what a cell needs and may have. */
  pick(names: Iterable<string>): Record<string, string[]> {
    const picked = [...names].flatMap((name): [string, string[]][] => {
      const keys = this.#keys.get(name);
      return keys === undefined ? [] : [[name, [...keys]]];
    });
    return Object.fromEntries(picked);
  }

  toJSON(): Json {
    return Object.fromEntries([...this.#keys].map(([name, keys]) => [name, keys.length]));
  }

  toString(): string {
    return `KeyRing(${JSON.stringify(this)})`;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * Reads the key ring of `path`, else of {@linkcode KEYS_VARIABLE}; without both it is empty.
 *
 * @throws {InvalidInputError} `KEY_RING_INVALID` for what is no key ring, `KEY_RING_EXPOSED` for a
 *   file that others may read or write, `FILE_NOT_READABLE`
 */
export async function loadKeyRing(source: KeyRingSource = {}): Promise<KeyRing> {
  const { path, readVariable = (name) => Deno.env.get(name) } = source;
  if (path !== undefined) return parseKeyRing(await readPrivateFile(path), `file "${path}"`);
  const text = readVariable(KEYS_VARIABLE);
  if (text === undefined || text.trim() === "") return new KeyRing(new Map());
  return parseKeyRing(text, `variable ${KEYS_VARIABLE}`);
}

/**
 * The ring that a JSON text holds.
 *
 * @param place for messages: where the text is from
 * @throws {InvalidInputError} `KEY_RING_INVALID`
 */
export function parseKeyRing(text: string, place: string): KeyRing {
  const value = parseJson(text);
  if (!isJsonObject(value)) throw invalid(place, "it is no JSON object");
  const keys = new Map<string, readonly string[]>();
  for (const [name, list] of Object.entries(value)) {
    // A name that is malformed may be a key in the wrong place: it is not repeated.
    if (!NAME.test(name) || KEY.test(name)) throw invalid(place, "a name in it is malformed");
    keys.set(name, readKeys(name, list, place));
  }
  return new KeyRing(keys);
}

function readKeys(name: string, list: Json, place: string): string[] {
  if (!Array.isArray(list) || list.length === 0 || list.length > KEYS_PER_NAME_MAX) {
    throw invalid(place, `"${name}" is no list of 1 to ${KEYS_PER_NAME_MAX} keys`);
  }
  return list.map((key, at) => {
    if (typeof key === "string" && KEY.test(key)) return key;
    throw invalid(place, `key ${at + 1} of "${name}" is not 32 bytes in base64`);
  });
}

/** `undefined` for what is no JSON: the parser's own message would quote the text, keys included. */
function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Looks at the file that is open, not at the path: that could lead elsewhere a moment later. */
async function readPrivateFile(path: string): Promise<string> {
  try {
    // Opening a pipe would wait for its other end.
    if (!(await Deno.stat(path)).isFile) throw invalid(`file "${path}"`, "it is no regular file");
    using file = await Deno.open(path);
    const info = await file.stat();
    checkPrivate(path, info);
    if (info.size > FILE_BYTES_MAX) {
      throw invalid(`file "${path}"`, `it is larger than ${FILE_BYTES_MAX} bytes`);
    }
    return await new Response(file.readable).text();
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError("FILE_NOT_READABLE", {
      message: `Cannot read key ring "${path}": ${
        error instanceof Error ? error.message : String(error)
      }`,
      hint: "Check the path and that the file is yours",
      cause: error,
    });
  }
}

/** Windows has no such rights: `mode` and `uid` are `null` there, and the check is left out. */
function checkPrivate(path: string, { mode, uid }: Deno.FileInfo): void {
  const own = Deno.uid();
  const isForeign = uid !== null && own !== null && uid !== own && uid !== 0;
  if (!isForeign && (mode === null || (mode & FOREIGN_RIGHTS) === 0)) return;
  throw new InvalidInputError("KEY_RING_EXPOSED", {
    message: `Cannot use key ring "${path}": ${
      isForeign ? "it belongs to another user" : "others than its owner may open it"
    }`,
    hint: `Make it yours alone: chmod 600 "${path}"; and use new keys if others could read it`,
    details: { path, mode: mode === null ? null : `0${(mode & 0o777).toString(8)}` },
  });
}

function invalid(place: string, problem: string): InvalidInputError {
  return new InvalidInputError("KEY_RING_INVALID", {
    message: `Cannot use the key ring of ${place}: ${problem}`,
    hint: 'Write {"team-a": ["…"]}; a new key comes from: openssl rand -base64 32',
  });
}
