import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Button, isDark } from "../parts/mod.ts";
import type { Direction } from "./next_node.ts";
import { Picture } from "./picture.ts";
import type { Explorer } from "./use_explorer.ts";
import type { View } from "./view.ts";

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** The picture of what is shown, for mouse, touch and keys. */
export function KnowledgePicture({ view, explorer }: { view: View; explorer: Explorer }) {
  const box = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture | null>(null);
  const latest = useRef(explorer);
  latest.current = explorer;
  const dark = isDark.value;

  // Before the next event is taken: a key that comes in the same frame goes on from what the last
  // one selected, however long frames take.
  useLayoutEffect(() => {
    const made = new Picture(box.current!, view, {
      onPick: (id) => void latest.current.go(id),
      onRest: () => performance.mark("denizen:knowledge-drawn"),
    });
    picture.current = made;
    return () => made.close();
  }, []);
  useLayoutEffect(() => picture.current?.show(view), [view]);
  // After the page has taken the other colours.
  useEffect(() => picture.current?.repaint(), [dark]);

  function press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!act(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Whether the key means something here. */
  function act(key: string): boolean {
    const direction = DIRECTIONS[key];
    if (direction !== undefined) {
      const next = picture.current?.next(direction) ?? null;
      if (next !== null) explorer.select(next);
      return true;
    }
    if (key === "Enter" && view.selected !== null) void explorer.go(view.selected);
    else if (key === "Escape" && explorer.canGoBack) explorer.back();
    else if (key === "+" || key === "=") picture.current?.zoom(1.5);
    else if (key === "-") picture.current?.zoom(1 / 1.5);
    else if (key === "0") picture.current?.fit();
    else return false;
    return true;
  }

  return (
    <div class="knowledge-picture">
      <div
        ref={box}
        class="knowledge-canvas"
        role="application"
        aria-roledescription="graph"
        aria-label={`Picture of ${view.nodes.size} nodes. Arrow keys move along the links, ` +
          `Enter shows the neighbours, Escape goes back, plus and minus zoom`}
        tabIndex={0}
        onKeyDown={press}
      />
      <p class="visually-hidden" role="status">{describeSelected(view)}</p>
      <div class="dag-zoom" role="group" aria-label="Zoom">
        <Button icon="plus" label="Zoom in" onClick={() => picture.current?.zoom(1.5)} />
        <Button icon="minus" label="Zoom out" onClick={() => picture.current?.zoom(1 / 1.5)} />
        <Button label="Fit all that is drawn" onClick={() => picture.current?.fit()}>Fit</Button>
      </div>
    </div>
  );
}

function describeSelected({ selected, nodes }: View): string {
  const node = selected === null ? undefined : nodes.get(selected);
  return node === undefined ? "" : `${node.label}, ${node.kind}`;
}
