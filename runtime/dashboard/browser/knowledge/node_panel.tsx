import type { KnowledgeNode } from "../api/mod.ts";
import { Button, formatCount } from "../parts/mod.ts";
import { KindShape } from "./kind_shape.tsx";
import { NodeFacts } from "./node_facts.tsx";
import { type ListedNode, NodeList } from "./node_list.tsx";
import type { Explorer } from "./use_explorer.ts";
import { largestOf, neighboursOf, type View } from "./view.ts";
import { linkText } from "./words.ts";

/** Both ends of the way that is looked for. */
export interface Ends {
  from: KnowledgeNode | null;
  to: KnowledgeNode | null;
}

/** The node that is looked at, and where one gets from where one is. */
export function NodePanel(
  { view, explorer, ends, onEnds }: {
    view: View;
    explorer: Explorer;
    ends: Ends;
    onEnds: (ends: Ends) => void;
  },
) {
  const node = view.selected === null ? undefined : view.nodes.get(view.selected);
  return (
    <aside class="knowledge-panel" aria-label="Node">
      {node !== undefined && (
        <section class="knowledge-node stack">
          <h2 class="row">
            <KindShape kind={node.kind} />
            <span class="breaks">{node.label}</span>
            <span class="chip">{node.kind}</span>
          </h2>
          <div class="row">
            <Button onClick={() => onEnds({ ...ends, from: node })}>Way from here</Button>
            <Button onClick={() => onEnds({ ...ends, to: node })}>Way to here</Button>
          </div>
          <NodeFacts node={node} />
        </section>
      )}
      <Around view={view} explorer={explorer} />
    </aside>
  );
}

/** The centre's neighbours; before there is one, nodes to begin from; the steps of a way. */
function Around({ view, explorer }: { view: View; explorer: Explorer }) {
  const centre = view.centre === null ? undefined : view.nodes.get(view.centre);
  const items = listNodes(view);
  const title = view.path.length > 0
    ? "The way"
    : centre === undefined
    ? "Begin with"
    : `Around ${centre.label}`;
  return (
    <section class="knowledge-around">
      <h2 class="breaks">{title}</h2>
      <NodeList
        items={items}
        selected={view.selected}
        place={view.path.length > 0 ? view.path.join(" ") : view.centre ?? ""}
        label={title}
        onSelect={explorer.select}
        onGo={(id) => void explorer.go(id)}
        onBack={explorer.back}
      />
      {centre !== undefined && view.isPartial && view.path.length === 0 && (
        <p class="row small muted">
          {`${formatCount(items.length)} neighbours are shown, there are more`}
          <Button onClick={explorer.showMore}>Show more</Button>
        </p>
      )}
    </section>
  );
}

const LISTED_MAX = 300;

function listNodes(view: View): ListedNode[] {
  if (view.path.length > 0) {
    return view.path.flatMap((id, at) => {
      const node = view.nodes.get(id);
      return node === undefined ? [] : [{ node, detail: `${node.kind}, step ${at}` }];
    });
  }
  if (view.centre === null) {
    return largestOf(view, 24).map((node) => ({ node, detail: node.kind }));
  }
  return neighboursOf(view, view.centre).slice(0, LISTED_MAX)
    .map(({ node, links }) => ({ node, detail: links.map(linkText).join("; ") }));
}
