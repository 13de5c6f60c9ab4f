import { useCallback, useEffect, useRef } from "preact/hooks";

/** A function that runs `run` once after a pause, however often it is called in between. */
export function useThrottled(run: () => void, pauseMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => () => {
    if (timer.current !== null) clearTimeout(timer.current);
  }, []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      latest.current();
    }, pauseMs);
  }, [pauseMs]);
}
