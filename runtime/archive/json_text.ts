import { setImmediate as nextTurn } from "node:timers/promises";
import type { Json } from "../../core/json.ts";

/** Members of a list that are turned into text at once. */
const MEMBERS = 500;
/** Text between two turns of the loop. */
const TURN_CHARS = 128 * 1024;

/** The same text as `JSON.stringify`, made in pieces: others get a turn between them. */
export async function jsonText(value: Json): Promise<string> {
  const texts: string[] = [];
  let chars = 0;
  for (const text of piecesOf(value)) {
    texts.push(text);
    chars += text.length;
    if (chars < TURN_CHARS) continue;
    chars = 0;
    await nextTurn();
  }
  return texts.join("");
}

function* piecesOf(value: Json): Generator<string> {
  if (typeof value !== "object" || value === null) yield JSON.stringify(value);
  else if (Array.isArray(value)) yield* listPieces(value);
  else yield* objectPieces(value);
}

/** Long lists have short members, such as one value for each item of a task. */
function* listPieces(list: readonly Json[]): Generator<string> {
  yield "[";
  if (list.length <= MEMBERS) {
    for (const [at, member] of list.entries()) {
      if (at > 0) yield ",";
      yield* piecesOf(member ?? null);
    }
  } else {
    for (let at = 0; at < list.length; at += MEMBERS) {
      if (at > 0) yield ",";
      yield JSON.stringify(list.slice(at, at + MEMBERS)).slice(1, -1);
    }
  }
  yield "]";
}

function* objectPieces(object: { [key: string]: Json }): Generator<string> {
  yield "{";
  let isFirst = true;
  for (const [key, member] of Object.entries(object)) {
    if (member === undefined) continue;
    yield `${isFirst ? "" : ","}${JSON.stringify(key)}:`;
    isFirst = false;
    yield* piecesOf(member);
  }
  yield "}";
}
