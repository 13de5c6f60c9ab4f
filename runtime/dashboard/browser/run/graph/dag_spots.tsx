import type { LiveRun } from "../live/mod.ts";
import type { Spot } from "./find_next.ts";
import { CellElement, NodeElement, type SpotActions } from "./node_element.tsx";
import { boxOf, cellOf, type Scene } from "./scene.ts";
import type { SpotsSeen } from "./spots_seen.ts";

/** The tasks and items in sight, as elements. */
export function DagSpots(
  { run, scene, seen, selected, target, actions }: {
    run: LiveRun;
    scene: Scene;
    seen: SpotsSeen;
    selected: Spot | null;
    target: Spot;
    actions: SpotActions;
  },
) {
  const isAt = (spot: Spot | null, position: number, index: number | null) =>
    spot?.position === position && spot.index === index;
  return (
    <>
      {seen.nodes.filter((position) => position < run.tasks.length).map((position) => (
        <NodeElement
          key={position}
          task={run.tasks[position]!}
          box={boxOf(scene, position)}
          isSelected={isAt(selected, position, null)}
          isTarget={isAt(target, position, null)}
          isOpen={scene.grids.has(position)}
          actions={actions}
        />
      ))}
      {seen.cells.map(({ position, index }) => {
        const grid = scene.grids.get(position);
        if (grid === undefined || index === null || index >= grid.count) return null;
        return (
          <CellElement
            key={`${position}.${index}`}
            run={run}
            spot={{ position, index }}
            box={cellOf(scene, grid, index)}
            isSelected={isAt(selected, position, index)}
            isTarget={isAt(target, position, index)}
            actions={actions}
          />
        );
      })}
    </>
  );
}
