import type { KnowledgeKind } from "../api/mod.ts";

/** A drawing for each kind, as in the picture: told apart without seeing colours. */
const PATHS: Readonly<Record<KnowledgeKind, string>> = {
  agent: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2z",
  capability: "M14 8l-3 5.2H5L2 8l3-5.2h6z",
  task: "M3.4 3.4h9.2v9.2H3.4z",
  solution: "M8 1.8l6 10.6H2z",
  artefact: "M8 1.6 14.4 8 8 14.4 1.6 8z",
};

/** The mark of a kind; its name has to stand beside it. */
export function KindShape({ kind }: { kind: KnowledgeKind }) {
  return (
    <svg
      class="kind-shape"
      data-kind={kind}
      width={14}
      height={14}
      viewBox="0 0 16 16"
      fill="currentColor"
      aria-hidden="true"
    >
      <path d={PATHS[kind]} />
    </svg>
  );
}
