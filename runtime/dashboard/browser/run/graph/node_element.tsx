import { itemStatusOf, type LiveRun, type LiveTask, reasonOf, statusOf } from "../live/mod.ts";
import type { Box } from "./camera.ts";
import type { Spot } from "./find_next.ts";
import { detailOf } from "./node_words.ts";
import { spotKey } from "./spots_seen.ts";
import { StatusShape } from "./status_shape.tsx";

/** What a task or an item can be asked to do. */
export interface SpotActions {
  onSelect(spot: Spot): void;
  onFocus(spot: Spot): void;
  onToggle(position: number): void;
}

/** A task as an element: name, status as shape and colour, who does it; items as a bar. */
export function NodeElement(
  { task, box, isSelected, isTarget, isOpen, actions }: {
    task: LiveTask;
    box: Box;
    isSelected: boolean;
    /** The one that the tab key leads to. */
    isTarget: boolean;
    /** A `forEach` whose items are shown. */
    isOpen: boolean;
    actions: SpotActions;
  },
) {
  const status = statusOf(task);
  const spot = { position: task.position, index: null };
  return (
    <div
      class="dag-node"
      data-status={status}
      data-selected={isSelected || undefined}
      data-open={isOpen || undefined}
      style={{
        transform: `translate(${box.x}px, ${box.y}px)`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      }}
    >
      <button
        type="button"
        class="dag-node-main"
        data-spot={spotKey(spot)}
        tabIndex={isTarget ? 0 : -1}
        aria-current={isSelected ? "true" : undefined}
        aria-label={describe(task)}
        title={reasonOf(task) ?? undefined}
        onClick={() => actions.onSelect(spot)}
        onFocus={() => actions.onFocus(spot)}
      >
        <span class="dag-node-head">
          <StatusShape status={status} />
          <span class="dag-node-name">{task.spec.id}</span>
        </span>{" "}
        <span class="dag-node-detail">{detailOf(task)}</span>
        {task.isForEach && <ItemBar task={task} />}
      </button>
      {task.isForEach && task.instances.length > 0 && (
        <button
          type="button"
          class="dag-node-toggle"
          tabIndex={-1}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? "Hide" : "Show"} the items of ${task.spec.id}`}
          title={isOpen ? "Hide the items" : "Show the items"}
          onClick={() => actions.onToggle(task.position)}
        >
          {isOpen ? "−" : "+"}
        </button>
      )}
    </div>
  );
}

/** What is seen comes first, in its order: whoever speaks to the page says what they see. */
function describe(task: LiveTask): string {
  return `${task.spec.id} ${detailOf(task)}, ${statusOf(task)}`;
}

/** Shares of the items by status, as one bar. */
export function ItemBar({ task }: { task: LiveTask }) {
  const total = Math.max(1, task.instances.length);
  const parts = ["completed", "failed", "cancelled", "running", "waiting"] as const;
  return (
    <span class="item-bar" aria-hidden="true">
      {parts.map((status) =>
        task.counts[status] > 0 && (
          <span
            key={status}
            data-status={status}
            style={{ width: `${task.counts[status] / total * 100}%` }}
          />
        )
      )}
    </span>
  );
}

/** An item of an open `forEach`. */
export function CellElement(
  { run, spot, box, isSelected, isTarget, actions }: {
    run: LiveRun;
    spot: Spot & { index: number };
    box: Box;
    isSelected: boolean;
    isTarget: boolean;
    actions: SpotActions;
  },
) {
  const task = run.tasks[spot.position]!;
  const instance = task.instances[spot.index];
  const status = instance === undefined ? "pending" : itemStatusOf(instance);
  return (
    <button
      type="button"
      class="dag-cell"
      data-status={status}
      data-selected={isSelected || undefined}
      data-spot={spotKey(spot)}
      tabIndex={isTarget ? 0 : -1}
      aria-current={isSelected ? "true" : undefined}
      aria-label={`${task.spec.id} item ${spot.index}, ${status}`}
      style={{
        transform: `translate(${box.x}px, ${box.y}px)`,
        width: `${box.width}px`,
        height: `${box.height}px`,
      }}
      onClick={() => actions.onSelect(spot)}
      onFocus={() => actions.onFocus(spot)}
    >
      {spot.index}
    </button>
  );
}
