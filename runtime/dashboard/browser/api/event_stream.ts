/**
 * Server-sent events that come back by themselves: the browser resumes a cut connection with
 * `Last-Event-ID`; where the node refused, a new one is opened after a growing pause.
 *
 * @module
 */
import { API, queryText } from "./client.ts";

export type StreamState = "connecting" | "open" | "lost";

export interface StreamHandlers {
  /** `data` is parsed JSON; `id` is that of the newest journalled event. */
  onEvent(type: string, data: unknown, id: string): void;
  onState?(state: StreamState): void;
  /** The stream began anew and may have missed something: load the page's data again. */
  onGap?(): void;
}

const EVENT_TYPES = ["message", "event", "progress", "log", "end"];
const PAUSE_MS_MIN = 1_000;
const PAUSE_MS_MAX = 30_000;

/**
 * Listens until the returned function is called.
 *
 * @param path below `/api/v1`, such as `/events`
 */
export function openEvents(path: string, handlers: StreamHandlers): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pauseMs = PAUSE_MS_MIN;
  let lastEventId = "";

  function connect(): void {
    handlers.onState?.("connecting");
    const hadStarted = source !== null;
    source = new EventSource(API + path + queryText({ lastEventId }));
    source.onopen = () => {
      pauseMs = PAUSE_MS_MIN;
      handlers.onState?.("open");
      if (hadStarted) handlers.onGap?.();
    };
    source.onerror = () => {
      handlers.onState?.("lost");
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(connect, pauseMs);
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
    };
    for (const type of EVENT_TYPES) source.addEventListener(type, receive);
  }

  function receive(event: MessageEvent): void {
    if (event.lastEventId !== "") lastEventId = event.lastEventId;
    handlers.onEvent(event.type, JSON.parse(event.data), event.lastEventId);
    // The run has closed: the node ends the stream, and there is nothing to come back for.
    if (event.type === "end") close();
  }

  function close(): void {
    clearTimeout(timer);
    source?.close();
  }

  connect();
  return close;
}
