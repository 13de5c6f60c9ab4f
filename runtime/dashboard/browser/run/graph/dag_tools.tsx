import { useId, useState } from "preact/hooks";
import { Button } from "../../parts/mod.ts";
import { type LiveRun, statusOf } from "../live/mod.ts";
import { StatusShape } from "./status_shape.tsx";
import type { Viewport } from "./viewport.ts";

const FOUND_MAX = 8;

/** Search and zoom, over the graph. */
export function DagTools(
  { run, viewport, onFind }: {
    run: LiveRun;
    viewport: Viewport;
    onFind: (position: number) => void;
  },
) {
  return (
    <>
      <TaskSearch run={run} onFind={onFind} />
      <div class="dag-zoom" role="group" aria-label="Zoom">
        <Button icon="plus" label="Zoom in" onClick={() => viewport.zoom(1.4)} />
        <Button icon="minus" label="Zoom out" onClick={() => viewport.zoom(1 / 1.4)} />
        <Button label="Fit the whole graph" onClick={() => viewport.fit()}>Fit</Button>
      </div>
    </>
  );
}

/** Finds a task by a part of its name; Enter goes to the one that is marked. */
function TaskSearch({ run, onFind }: { run: LiveRun; onFind: (position: number) => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const id = useId();
  const found = findTasks(run, text);
  const chosen = Math.min(at, Math.max(0, found.length - 1));

  function choose(position: number): void {
    setText("");
    onFind(position);
  }

  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((chosen + step + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter" && found[chosen] !== undefined) choose(found[chosen]);
    else if (event.key === "Escape" && text !== "") setText("");
    else return;
    event.preventDefault();
  }

  return (
    <div class="dag-search">
      <input
        class="input"
        role="combobox"
        aria-label="Find a task"
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-activedescendant={found.length === 0 ? undefined : `${id}-${chosen}`}
        autocomplete="off"
        placeholder="Find a task"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul id={id} role="listbox" aria-label="Tasks found" hidden={found.length === 0}>
        {found.map((position, index) => (
          <li
            key={position}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              choose(position);
            }}
          >
            <StatusShape status={statusOf(run.tasks[position]!)} size={14} />
            {run.tasks[position]!.spec.id}
          </li>
        ))}
      </ul>
      {text !== "" && found.length === 0 && <p role="status">No task is called that.</p>}
    </div>
  );
}

function findTasks({ tasks }: LiveRun, text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const found: number[] = [];
  for (const { spec, position } of tasks) {
    if (spec.id.toLowerCase().includes(wanted)) found.push(position);
    if (found.length === FOUND_MAX) break;
  }
  return found;
}
