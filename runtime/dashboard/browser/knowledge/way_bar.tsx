import { useState } from "preact/hooks";
import { Button, Notice } from "../parts/mod.ts";
import { KindShape } from "./kind_shape.tsx";
import type { Ends } from "./node_panel.tsx";
import type { Explorer, PathEnd } from "./use_explorer.ts";

/** What is said where no way was found. */
const MISSED: Readonly<Partial<Record<PathEnd, string>>> = {
  none: "There is no way between them.",
  "too far": "They lie too far apart: looking on would take too long.",
};

/** Both ends of the way that is looked for, and what came of it. */
export function WayBar(
  { ends, explorer, onEnds }: {
    ends: Ends;
    explorer: Explorer;
    onEnds: (ends: Ends) => void;
  },
) {
  const [missed, setMissed] = useState<{ ends: Ends; text: string } | null>(null);
  const { from, to } = ends;
  if (from === null && to === null) return null;

  async function find(): Promise<void> {
    const end = await explorer.findPath(from!.id, to!.id);
    const text = end === null ? undefined : MISSED[end];
    setMissed(text === undefined ? null : { ends, text });
  }

  return (
    <div class="way-bar" role="region" aria-label="Way between two nodes">
      <span class="row">
        <End name="From" node={from} /> <End name="to" node={to} />
      </span>
      <span class="row">
        <Button kind="primary" isDisabled={from === null || to === null} onClick={find}>
          Find the way
        </Button>
        <Button kind="quiet" onClick={() => onEnds({ from: null, to: null })}>Close</Button>
      </span>
      {missed?.ends === ends && <Notice kind="warning">{missed.text}</Notice>}
    </div>
  );
}

function End({ name, node }: { name: string; node: Ends["from"] }) {
  return (
    <span class="row">
      <span class="muted">{name}</span>
      {node === null ? <span class="muted">a node: choose one</span> : (
        <strong class="breaks">
          <KindShape kind={node.kind} /> {node.label}
        </strong>
      )}
    </span>
  );
}
