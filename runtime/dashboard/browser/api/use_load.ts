import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { type Problem, toProblem } from "./problem.ts";

/** What was loaded, or why not. `data` stays while it is loaded again. */
export interface Loaded<T> {
  data: T | undefined;
  problem: Problem | null;
  isLoading: boolean;
  reload(): void;
  /** Changes what is shown, until the next load; nothing once another one has begun. */
  update(change: (data: T) => T): void;
}

/**
 * Loads when the component appears and whenever `deps` change. An answer that was overtaken is
 * dropped.
 *
 * @param options `everyMs`: loads again so long after each answer, while the page is seen
 */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  deps: readonly unknown[],
  options: { everyMs?: number } = {},
): Loaded<T> {
  const [state, setState] = useState<Pick<Loaded<T>, "data" | "problem" | "isLoading">>({
    data: undefined,
    problem: null,
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  // An answer for an earlier list, such as its next page, must not go into this one.
  const asked = JSON.stringify([deps, turn]);
  const latest = useRef(asked);
  latest.current = asked;
  const reload = useCallback(() => setTurn((turn) => turn + 1), []);

  useEffect(() => {
    const controller = new AbortController();
    setState((old) => ({ ...old, isLoading: true }));
    load(controller.signal).then(
      (data) => controller.signal.aborted || setState({ data, problem: null, isLoading: false }),
      (error) => {
        if (controller.signal.aborted) return;
        setState((old) => ({ ...old, problem: toProblem(error), isLoading: false }));
      },
    );
    return () => controller.abort();
  }, [...deps, turn]);

  useEffect(() => {
    if (options.everyMs === undefined || state.isLoading) return;
    const timer = setTimeout(() => {
      if (!document.hidden) reload();
    }, options.everyMs);
    return () => clearTimeout(timer);
  }, [state, options.everyMs]);

  const update = useCallback((change: (data: T) => T) => {
    if (latest.current !== asked) return;
    setState((old) => old.data === undefined ? old : { ...old, data: change(old.data) });
  }, [asked]);
  return { ...state, reload, update };
}
