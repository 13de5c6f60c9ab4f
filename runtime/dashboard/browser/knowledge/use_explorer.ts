import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Problem, toProblem } from "../api/mod.ts";
import { changeQuery, place } from "../navigation/mod.ts";
import { loadNeighbourhood, loadPath, loadSample } from "./knowledge_api.ts";
import { expandView, pathView, startView, type View } from "./view.ts";

/** Neighbours that come with one step. */
const STEP_MAX = 80;
/** More at once than this is no picture. */
const STEP_LIMIT = 1_500;
const HISTORY_MAX = 50;
/** Where the explorer is. */
const PATH = "/knowledge";

/** Where somebody is in the graph, and how they get on. */
export interface Explorer {
  view: View | null;
  problem: Problem | null;
  isLoading: boolean;
  /** Whether there is a view to go back to. */
  canGoBack: boolean;
  /** Goes to a node. `isFresh`: nothing but it and its neighbours is shown. */
  go(id: string, options?: { isFresh?: boolean }): Promise<void>;
  /** Looks at a node that is shown already. */
  select(id: string): void;
  /** More of the centre's neighbours. */
  showMore(): Promise<void>;
  /** Shows a way between two nodes, and tells what came of it; `null`: it was not told. */
  findPath(from: string, to: string): Promise<PathEnd | null>;
  back(): void;
  /** What was shown first. */
  begin(): Promise<void>;
}

/** What came of looking for a way. */
export type PathEnd = "found" | "none" | "too far";

/** An explorer that begins where the address says, and keeps the address right. */
export function useExplorer(): Explorer {
  const { view, current, move, select, back, canGoBack } = useTrail();
  const { step, problem, isLoading } = useSteps();
  const asked = place.value.query.get("node");

  const begin = () => step(loadSample, (part) => move(startView(part, null)));

  function go(id: string, { isFresh = false, limit = STEP_MAX } = {}): Promise<void> {
    return step((signal) => loadNeighbourhood(id, limit, signal), (part) => {
      const nodes = [part.node, ...part.nodes.filter((one) => one.id !== id)];
      const whole = { ...part, nodes };
      const from = current();
      move(isFresh || from === null ? startView(whole, id) : expandView(from, whole, id));
    });
  }

  async function showMore(): Promise<void> {
    const from = current();
    if (from === null || from.centre === null) return;
    await go(from.centre, { limit: Math.min(STEP_LIMIT, Math.max(STEP_MAX, from.nodes.size) * 3) });
  }

  async function findPath(from: string, to: string): Promise<PathEnd | null> {
    let end: PathEnd | null = null;
    await step((signal) => loadPath(from, to, signal), (path) => {
      end = path.hops !== null ? "found" : path.truncated ? "too far" : "none";
      const view = current();
      if (view !== null) move(pathView(view, path));
    });
    return end;
  }

  // At once: a frame later the view may be another one, and its address would be taken for a wish.
  useLayoutEffect(() => {
    const from = current();
    if (asked === null && from === null) void begin();
    else if (asked !== null && asked !== from?.centre) void go(asked, { isFresh: true });
  }, [asked]);

  return { view, problem, isLoading, canGoBack, go, select, showMore, findPath, back, begin };
}

/** The view, and those before it. */
function useTrail() {
  const [view, setView] = useState<View | null>(null);
  const latest = useRef(view);
  const before = useRef<View[]>([]);

  function set(next: View): void {
    latest.current = next;
    setView(next);
    // An answer may come when somebody has gone to another page, while that is still being loaded.
    if (place.peek().path === PATH) changeQuery({ node: next.centre });
  }
  return {
    view,
    /** Answers that come late go on from what is there then. */
    current: () => latest.current,
    canGoBack: before.current.length > 0,
    move(next: View): void {
      const { current } = latest;
      if (next === current) return;
      // Nobody goes back to nothing.
      if (current !== null && current.nodes.size > 0) {
        before.current = [...before.current.slice(1 - HISTORY_MAX), current];
      }
      set(next);
    },
    back(): void {
      const last = before.current.pop();
      if (last !== undefined) set(last);
    },
    select(id: string): void {
      const { current } = latest;
      if (current === null || current.selected === id) return;
      latest.current = { ...current, selected: id };
      setView(latest.current);
    },
  };
}

/** Loads one thing at a time: what overtakes another one ends it. */
function useSteps() {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isLoading, setIsLoading] = useState(true);
  const call = useRef<AbortController | null>(null);
  useEffect(() => () => call.current?.abort(), []);

  async function step<T>(
    load: (signal: AbortSignal) => Promise<T>,
    take: (part: T) => void,
  ): Promise<void> {
    call.current?.abort();
    const controller = call.current = new AbortController();
    setIsLoading(true);
    try {
      const part = await load(controller.signal);
      if (controller.signal.aborted) return;
      setProblem(null);
      take(part);
    } catch (error) {
      if (!controller.signal.aborted) setProblem(toProblem(error));
    } finally {
      if (call.current === controller) setIsLoading(false);
    }
  }
  return { step, problem, isLoading };
}
