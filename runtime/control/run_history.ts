import { InvalidInputError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import type { RunEntry } from "../../core/ports.ts";
import type { Stores } from "../node/open_store.ts";
import { readHistory } from "../scheduler/mod.ts";
import type { Page } from "./caller.ts";
import type { EventDocument } from "./run_documents.ts";

const LIMIT = { default: 200, max: 1_000 };
/** Characters of JSON text in a page; the event that goes over it is the last one. */
const CHARS_MAX = 4 * 1024 * 1024;

/**
 * Events of a run in order, one page of them.
 *
 * @throws {InvalidInputError} `EVENT_ID_INVALID`
 */
export async function readEvents(
  { runs, archive }: Pick<Stores, "runs" | "archive">,
  entry: RunEntry,
  options: { after?: string; limit?: number } = {},
): Promise<Page<EventDocument>> {
  const limit = Math.min(options.limit ?? LIMIT.default, LIMIT.max);
  const after = options.after === undefined ? null : parseId(options.after);
  const fromSeq = Math.max(entry.firstSeq, after?.seq ?? 0);
  const items: EventDocument[] = [];
  let chars = 0;
  let place = { seq: 0, n: 0 };
  for await (const { seq, event } of readHistory(runs, entry, fromSeq, archive)) {
    place = { seq, n: seq === place.seq ? place.n + 1 : 0 };
    if (after !== null && seq === after.seq && place.n <= after.n) continue;
    if (items.length === limit || chars > CHARS_MAX) {
      return { items, nextCursor: items.at(-1)!.id };
    }
    items.push({ id: `${seq}.${place.n}`, event: event as unknown as Json });
    chars += JSON.stringify(event).length;
  }
  return { items, nextCursor: null };
}

/** `SEGMENT.POSITION`. */
function parseId(text: string): { seq: number; n: number } {
  const match = /^(\d{1,15})\.(\d{1,9})$/.exec(text);
  if (match !== null) return { seq: Number(match[1]), n: Number(match[2]) };
  throw new InvalidInputError("EVENT_ID_INVALID", {
    message: `Cannot read on after "${text.slice(0, 64)}": it is no id of an event`,
    hint: 'Give the "id" of an event of the run, or none to begin at the start',
  });
}
