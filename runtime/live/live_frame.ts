import { type EventId, formatEventId } from "./event_id.ts";

/**
 * What a frame is about. `event`, `progress` and `log` are updates of one run; `end`: the run has
 * closed, and no frame follows; `runs`: what changed among all runs; `reset`: what changed in
 * between is not known any more, so that lists are to be read anew; `drain`: the node stops, connect
 * again; `revoked`: whoever listens may do so no longer.
 */
export type LiveFrameType =
  | "event"
  | "progress"
  | "log"
  | "end"
  | "runs"
  | "reset"
  | "drain"
  | "revoked";

/** How soon a client that lost its stream should come back. */
export const RETRY_MS = 1_000;

const ENCODER = new TextEncoder();

/** One message of a live stream. It is made once, and shared by all who listen. */
export class LiveFrame {
  readonly type: LiveFrameType;
  /** Where to resume behind it, `<seq>.<n>`; `null` for what is not journalled. */
  readonly id: string | null;
  /** JSON text. */
  readonly data: string;
  #sse: Uint8Array<ArrayBuffer> | undefined;

  constructor(type: LiveFrameType, id: string | null, data: string) {
    this.type = type;
    this.id = id;
    this.data = data;
  }

  /** The frame of an update of a run. */
  static of(type: LiveFrameType, id: EventId | null, value: unknown): LiveFrame {
    return new LiveFrame(type, id === null ? null : formatEventId(id), JSON.stringify(value));
  }

  /** As it stands in a `text/event-stream`. */
  get sse(): Uint8Array<ArrayBuffer> {
    return this.#sse ??= ENCODER.encode(this.#text());
  }

  /** A line break in the data is a line of its own: it must not end the frame. */
  #text(): string {
    const id = this.id === null ? "" : `id: ${this.id}\n`;
    const retry = this.type === "drain" ? `retry: ${RETRY_MS}\n` : "";
    const data = this.data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("");
    return `${retry}${id}event: ${this.type}\n${data}\n`;
  }
}
