import { useEffect, useRef, useState } from "preact/hooks";
import { workerUrl } from "../../api/mod.ts";
import type { GraphLayout, GraphShape } from "../layout/mod.ts";
import type { LiveRun } from "../live/mod.ts";
import { createScene, isOutgrown, markScene, type Scene, shapeOf } from "./scene.ts";

/**
 * The picture of a run, laid out beside the page. While another one is made, the old one stays.
 *
 * @param run is changed in place: whoever calls renders anew when it has
 * @param open positions of the `forEach` tasks that show their items
 */
export function useScene(run: LiveRun, open: ReadonlySet<number>): Scene | null {
  const [scene, setScene] = useState<Scene | null>(null);
  const layOut = useLayoutWorker();
  const isStale = scene !== null && isOutgrown(scene, run, open);

  useEffect(() => {
    let isDropped = false;
    const shape = shapeOf(run, open);
    layOut(shape).then((layout) => {
      if (!isDropped) setScene(createScene(run, open, shape, layout));
    });
    return () => isDropped = true;
  }, [run.tasks.length, run.runId, open, isStale]);

  if (scene !== null && scene.marks.length === run.tasks.length) markScene(scene, run);
  return scene;
}

/** Asks the worker, which lives as long as the component. */
function useLayoutWorker(): (shape: GraphShape) => Promise<GraphLayout> {
  const worker = useRef<Worker | null>(null);
  const waiting = useRef(new Map<number, (layout: GraphLayout) => void>());
  useEffect(() => () => {
    worker.current?.terminate();
    worker.current = null;
  }, []);
  return (shape) => {
    const calls = waiting.current;
    worker.current ??= startWorker((id, layout) => {
      calls.get(id)?.(layout);
      calls.delete(id);
    });
    const { promise, resolve } = Promise.withResolvers<GraphLayout>();
    const id = ++lastId;
    calls.set(id, resolve);
    worker.current.postMessage({ id, shape });
    return promise;
  };
}

let lastId = 0;

function startWorker(onLayout: (id: number, layout: GraphLayout) => void): Worker {
  const worker = new Worker(workerUrl("layout_worker"), { type: "module" });
  worker.addEventListener("message", ({ data }) => onLayout(data.id, data.layout));
  return worker;
}
