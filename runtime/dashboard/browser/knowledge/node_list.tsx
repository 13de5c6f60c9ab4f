import { useLayoutEffect, useRef } from "preact/hooks";
import type { KnowledgeNode } from "../api/mod.ts";
import { KindShape } from "./kind_shape.tsx";

/** A node to go to, and what it has to do with where somebody is. */
export interface ListedNode {
  node: KnowledgeNode;
  detail: string;
}

/**
 * Nodes as a list: the way through the graph for keys, for readers, and where no picture can be
 * drawn. Up and down move, Enter or right goes on, Escape or left goes back.
 */
export function NodeList(
  { items, selected, place, label, onSelect, onGo, onBack }: {
    items: readonly ListedNode[];
    selected: string | null;
    /** Another text for another list: two nodes may have the same name. */
    place: string;
    label: string;
    onSelect: (id: string) => void;
    onGo: (id: string) => void;
    onBack: () => void;
  },
) {
  const list = useRef<HTMLUListElement>(null);
  const leaving = useRef<"by key" | "by click" | null>(null);
  const at = Math.max(0, items.findIndex(({ node }) => node.id === selected));
  const buttons = () => [...list.current!.querySelectorAll("button")];

  // The line that had the focus is gone with its list: the next list takes it, before the next key
  // comes.
  useLayoutEffect(() => {
    if (leaving.current === "by key") buttons()[at]?.focus();
    else if (leaving.current === "by click") list.current!.focus({ preventScroll: true });
    leaving.current = null;
  }, [place]);

  function press(event: KeyboardEvent): void {
    const all = buttons();
    const here = all.indexOf(event.target as HTMLButtonElement);
    const to = {
      ArrowDown: Math.min(here + 1, all.length - 1),
      ArrowUp: Math.max(here - 1, 0),
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to !== undefined) {
      all[to]?.focus();
    } else if (event.key === "ArrowRight" || event.key === "Enter") {
      if (here < 0) return;
      leaving.current = "by key";
      onGo(items[here]!.node.id);
    } else if (event.key === "ArrowLeft" || event.key === "Escape") {
      leaving.current = "by key";
      onBack();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <ul class="node-list" ref={list} tabIndex={-1} aria-label={label} onKeyDown={press}>
      {items.map(({ node, detail }, index) => (
        <NodeLine
          key={node.id}
          item={{ node, detail }}
          isFirst={index === at}
          isSelected={node.id === selected}
          onFocus={() => onSelect(node.id)}
          onClick={() => {
            leaving.current = "by click";
            onGo(node.id);
          }}
        />
      ))}
    </ul>
  );
}

function NodeLine(
  { item: { node, detail }, isFirst, isSelected, onFocus, onClick }: {
    item: ListedNode;
    /** Whether the tabulator key leads to it. */
    isFirst: boolean;
    isSelected: boolean;
    onFocus: () => void;
    onClick: () => void;
  },
) {
  return (
    <li>
      <button
        type="button"
        class="node-line"
        tabIndex={isFirst ? 0 : -1}
        aria-current={isSelected || undefined}
        // Focused by the mouse, the line would move away from under it as the panel changes.
        onMouseDown={(event) => event.preventDefault()}
        onFocus={onFocus}
        onClick={onClick}
      >
        <KindShape kind={node.kind} />
        <span class="node-name">{node.label}</span>
        <span class="muted small">{detail}</span>
      </button>
    </li>
  );
}
