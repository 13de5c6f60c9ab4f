import { Buffer } from "node:buffer";
import { type ActorUnit, UNIT_LIMITS } from "../../core/actor_ports.ts";
import { InvalidInputError } from "../../core/errors.ts";

/** A unit with its values as JSON text, and what it weighs. */
export interface EncodedUnit {
  /** JSON texts of the events, separated by commas; empty when there are none. */
  log: string;
  logBytes: number;
  states: readonly { address: string; version: number; text: string | null; bytes: number }[];
  letters: readonly { id: string; text: string; bytes: number }[];
  lettersGone: readonly string[];
  history: readonly { topic: string; offset: number; text: string; bytes: number }[];
  handledWishes: readonly string[];
}

/**
 * Turns the values of a unit into text.
 *
 * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE` when the unit is over {@linkcode UNIT_LIMITS}
 */
export function encodeUnit<Event>(unit: ActorUnit<Event>): EncodedUnit {
  const log = unit.log === undefined ? "" : JSON.stringify(unit.log).slice(1, -1);
  const encoded: EncodedUnit = {
    log,
    logBytes: measure(log, "the events of a unit"),
    states: (unit.states ?? []).map(({ address, version, state }) => {
      const bytes = state === null ? 0 : measure(state, `the state of "${address}"`);
      return { address, version, text: state, bytes };
    }),
    letters: (unit.dead ?? []).map(({ id, letter }) => {
      const text = JSON.stringify(letter);
      return { id, text, bytes: measure(text, `dead letter "${id}"`) };
    }),
    lettersGone: unit.deadGone ?? [],
    history: (unit.history ?? []).map(({ topic, offset, message }) => {
      const text = JSON.stringify(message);
      return { topic, offset, text, bytes: measure(text, `a message of topic "${topic}"`) };
    }),
    handledWishes: unit.handledWishes ?? [],
  };
  checkNames(encoded);
  return encoded;
}

/**
 * UTF-8 bytes of a text.
 *
 * @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE` when they are over the limit
 */
export function measure(
  text: string,
  what: string,
  bytesMax: number = UNIT_LIMITS.valueBytesMax,
): number {
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) throw tooLarge(what, bytes, bytesMax);
  return bytes;
}

/** @throws {InvalidInputError} `STORED_VALUE_TOO_LARGE` */
export function checkSystemName(system: string): void {
  measure(system, "the name of a system", UNIT_LIMITS.systemBytesMax);
}

function checkNames(unit: EncodedUnit): void {
  let count = 0;
  let total = 0;
  const add = (name: string) => {
    const bytes = Buffer.byteLength(name);
    const { nameBytesMax } = UNIT_LIMITS;
    if (bytes > nameBytesMax) throw tooLarge(`name "${name.slice(0, 40)}…"`, bytes, nameBytesMax);
    count++;
    total += bytes;
  };
  for (const { address } of unit.states) add(address);
  for (const { id } of unit.letters) add(id);
  new Set(unit.history.map((entry) => entry.topic)).forEach(add);
  unit.lettersGone.forEach(add);
  unit.handledWishes.forEach(add);
  const { namesMax, namesBytesMax } = UNIT_LIMITS;
  if (count > namesMax) throw tooLarge("the number of names of a unit", count, namesMax);
  if (total > namesBytesMax) throw tooLarge("the names of a unit", total, namesBytesMax);
}

function tooLarge(what: string, size: number, sizeMax: number): InvalidInputError {
  return new InvalidInputError("STORED_VALUE_TOO_LARGE", {
    message: `Cannot store ${what}: ${size} is over the limit of ${sizeMax}`,
    hint: "Split it, or keep large data in files and send their names",
    details: { size, sizeMax },
  });
}
