/**
 * Server-sent events that come back by themselves: the browser resumes a cut connection with
 * `Last-Event-ID`; where the node refused, a new one is opened after a growing pause.
 *
 * @module
 */
import { API, queryText } from "./client.ts";
import { forgetSession } from "./session_state.ts";

export type StreamState = "connecting" | "open" | "lost";

export interface StreamHandlers {
  /** `data` is parsed JSON; `id` is that of the newest journalled event. */
  onEvent(type: string, data: unknown, id: string): void;
  onState?(state: StreamState): void;
  /** Something may have been missed: load the page's data again. */
  onGap?(): void;
}

/** See `LiveFrameType` of the node. */
const DATA_TYPES = ["event", "progress", "log", "end", "runs"];
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;

/**
 * Listens until the returned function is called.
 *
 * @param path below `/api/v1`, such as `/events`
 */
export function openEvents(path: string, handlers: StreamHandlers): () => void {
  const stream = new ResumedStream(path, handlers);
  return () => stream.close();
}

class ResumedStream {
  readonly #path: string;
  readonly #handlers: StreamHandlers;
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = PAUSE_MS_MIN;
  #lastEventId = "";

  constructor(path: string, handlers: StreamHandlers) {
    this.#path = path;
    this.#handlers = handlers;
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
  }

  #connect(): void {
    this.#handlers.onState?.("connecting");
    const hadSource = this.#source !== null;
    const query = queryText({ lastEventId: this.#lastEventId });
    const source = new EventSource(API + this.#path + query);
    this.#source = source;
    source.onopen = () => {
      this.#pauseMs = PAUSE_MS_MIN;
      this.#handlers.onState?.("open");
      // Without an id to resume behind, what happened in between is not told again.
      if (hadSource && this.#lastEventId === "") this.#handlers.onGap?.();
    };
    source.onerror = () => {
      this.#handlers.onState?.("lost");
      if (source.readyState === EventSource.CLOSED) this.#connectLater();
    };
    for (const type of DATA_TYPES) source.addEventListener(type, (event) => this.#take(event));
    source.addEventListener("reset", (event) => {
      this.#remember(event);
      this.#handlers.onGap?.();
    });
    source.addEventListener("drain", () => {
      source.close();
      this.#connectLater();
    });
    source.addEventListener("revoked", () => {
      source.close();
      forgetSession();
    });
  }

  #take(event: MessageEvent): void {
    this.#remember(event);
    this.#handlers.onEvent(event.type, JSON.parse(event.data), event.lastEventId);
    // The run has closed: the node ends the stream, and there is nothing to come back for.
    if (event.type === "end") this.close();
  }

  #remember(event: MessageEvent): void {
    if (event.lastEventId !== "") this.#lastEventId = event.lastEventId;
  }

  #connectLater(): void {
    this.#handlers.onState?.("lost");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
  }
}
