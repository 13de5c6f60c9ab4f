/**
 * Addresses of actors: `actor://name/key`, or `actor://name` for agents, which have no instances.
 * Also the patterns of addresses that access rules are written in.
 *
 * @module
 */

/** An address in its parts. */
export interface Address {
  /** The definition of the actor system file. */
  name: string;
  /** The instance; `null` for agents, and for the main instance where the text leaves it out. */
  key: string | null;
}

/** The key of an actor that is named without one. */
export const MAIN_KEY = "main";

/** What stands in `from` when a message comes from outside of the actor system. */
export const EXTERNAL = "external";

const SCHEME = "actor://";
const NAME = /^[a-z][a-z0-9-]{0,63}$/;
/**
 * What cannot be seen or turns the reading direction would make two keys look alike; lone
 * surrogates do not survive UTF-8; `*` would make an address read as a pattern.
 */
const KEY = /^[^\p{Cc}\p{Cf}\p{Cs}\s*]{1,256}$/u;
const QUOTED_CHARS_MAX = 80;

/** `actor://name/key` or `actor://name` in its parts, or what is wrong with it. */
export function parseAddress(text: string): Address | { problem: string } {
  if (!text.startsWith(SCHEME)) return problemOf(text, `it does not begin with "${SCHEME}"`);
  const { name, key } = split(text);
  if (!NAME.test(name)) {
    return problemOf(text, "its name is not 1 to 64 lower-case letters, digits and hyphens");
  }
  if (key !== null && !KEY.test(key)) {
    return problemOf(text, "its key is not 1 to 256 visible characters without spaces and *");
  }
  return { name, key };
}

/** The one text of an address: what {@linkcode parseAddress} takes apart again. */
export function formatAddress(name: string, key: string | null): string {
  return key === null ? SCHEME + name : `${SCHEME}${name}/${key}`;
}

/**
 * Whether a pattern covers an address. Patterns are an address, `external`, or an address with a
 * `*` at the end of its name, of its key, or of both: `actor://worker/team-*`. A pattern without key
 * covers an agent, or the main instance of an actor; a pattern with one never covers an agent.
 * Total: what is no pattern ({@linkcode findPatternProblem}) covers nothing but its own text.
 */
export function matchesAddress(pattern: string, address: string): boolean {
  if (pattern === address) return true;
  if (!pattern.startsWith(SCHEME) || !address.startsWith(SCHEME)) return false;
  const wanted = split(pattern);
  const given = split(address);
  if (!matchesPart(wanted.name, given.name)) return false;
  if (wanted.key === null) return given.key === null || given.key === MAIN_KEY;
  return given.key !== null && matchesPart(wanted.key, given.key);
}

/** Whether a pattern covers any address of a definition: an agent, or an instance of an actor. */
export function mayMatchActor(pattern: string, name: string): boolean {
  return pattern.startsWith(SCHEME) && matchesPart(split(pattern).name, name);
}

/** What is wrong with a pattern of addresses, or `null`. */
export function findPatternProblem(pattern: string): string | null {
  if (pattern === EXTERNAL) return null;
  if (!pattern.startsWith(SCHEME)) {
    return wrongPattern(pattern, `it is neither "${EXTERNAL}" nor begins with "${SCHEME}"`);
  }
  const { name, key } = split(pattern);
  if (!NAME.test(name.replace(/^\*$/, "a").replace(/\*$/, ""))) {
    return wrongPattern(pattern, "its name is no name, with or without one * at its end");
  }
  if (key !== null && !KEY.test(key.replace(/^\*$/, "a").replace(/\*$/, ""))) {
    return wrongPattern(pattern, "its key is no key, with or without one * at its end");
  }
  return null;
}

/** The parts, unchecked. The key may hold further slashes. */
function split(text: string): Address {
  const slash = text.indexOf("/", SCHEME.length);
  if (slash < 0) return { name: text.slice(SCHEME.length), key: null };
  return { name: text.slice(SCHEME.length, slash), key: text.slice(slash + 1) };
}

function matchesPart(pattern: string, text: string): boolean {
  if (!pattern.endsWith("*")) return pattern === text;
  return text !== "" && text.startsWith(pattern.slice(0, -1));
}

function problemOf(text: string, reason: string): { problem: string } {
  return { problem: `Cannot read address ${quote(text)}: ${reason}` };
}

function wrongPattern(text: string, reason: string): string {
  return `Cannot read address pattern ${quote(text)}: ${reason}`;
}

/** The beginning of a text that anybody may have written, on one line. */
function quote(text: string): string {
  const shown = text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text;
  return JSON.stringify(shown);
}
