import { useEffect, useRef, useState } from "preact/hooks";
import { openEvents, type StreamHandlers, type StreamState } from "./event_stream.ts";

/** Listens to a stream while the component is there; `null` listens to nothing. */
export function useEvents(
  path: string | null,
  handlers: Omit<StreamHandlers, "onState">,
): StreamState {
  const [state, setState] = useState<StreamState>("connecting");
  // The newest handlers are called, without another connection for each rendering.
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    if (path === null) return;
    return openEvents(path, {
      onState: setState,
      onEvent: (type, data, id) => latest.current.onEvent(type, data, id),
      onGap: () => latest.current.onGap?.(),
    });
  }, [path]);
  return state;
}
