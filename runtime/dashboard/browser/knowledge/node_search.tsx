import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type KnowledgeKind, type KnowledgeNode, type Problem, toProblem } from "../api/mod.ts";
import { Field, ProblemNotice } from "../parts/mod.ts";
import { KindShape } from "./kind_shape.tsx";
import { searchNodes } from "./knowledge_api.ts";
import { KIND_PLURALS, KINDS } from "./words.ts";

const PAUSE_MS = 180;

/** Finds nodes by words; Enter goes to the one that is marked. */
export function NodeSearch({ onFind }: { onFind: (id: string) => void }) {
  const [text, setText] = useState("");
  const [kind, setKind] = useState<KnowledgeKind | "">("");
  const [at, setAt] = useState(0);
  const { found, isCurrent, problem } = useFound(text.trim(), kind);
  /** Whether Enter is to be done with the answer that is to come. */
  const isAwaited = useRef(false);
  const id = useId();
  const chosen = Math.min(at, Math.max(0, (found?.length ?? 0) - 1));

  function choose(node: KnowledgeNode): void {
    isAwaited.current = false;
    setText("");
    onFind(node.id);
  }

  /** Whoever is faster than the node means what it will find, not what it found for other words. */
  function enter(): boolean {
    isAwaited.current = !isCurrent && text.trim() !== "";
    const node = isCurrent ? found?.[chosen] : undefined;
    if (node !== undefined) choose(node);
    return isAwaited.current || node !== undefined;
  }
  useLayoutEffect(() => {
    if (isAwaited.current && isCurrent) enter();
  }, [isCurrent]);

  function press(event: KeyboardEvent): void {
    const count = found?.length ?? 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && count > 0) setAt((chosen + step + count) % count);
    else if (event.key === "Escape" && text !== "") setText("");
    else if (event.key !== "Enter" || !enter()) return;
    event.preventDefault();
  }

  return (
    <div class="filters knowledge-search">
      <Field label="Find" isWide>
        {(control) => (
          <input
            {...control}
            class="input"
            role="combobox"
            aria-expanded={!!found?.length}
            aria-controls={`${id}-found`}
            aria-activedescendant={found?.length ? `${id}-${chosen}` : undefined}
            autocomplete="off"
            placeholder="Words of a task, an agent, a capability"
            value={text}
            onInput={(event) => {
              isAwaited.current = false;
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={press}
          />
        )}
      </Field>
      <KindField kind={kind} onChange={setKind} />
      {problem !== null && <ProblemNotice problem={problem} />}
      <FoundList id={id} found={found ?? []} chosen={chosen} onChoose={choose} />
      <p class="muted small" role="status">
        {found?.length === 0 ? "Nothing is called that" : ""}
      </p>
    </div>
  );
}

function FoundList(
  { id, found, chosen, onChoose }: {
    id: string;
    found: readonly KnowledgeNode[];
    chosen: number;
    onChoose: (node: KnowledgeNode) => void;
  },
) {
  return (
    <ul class="knowledge-found" role="listbox" id={`${id}-found`} aria-label="Found">
      {found.map((node, index) => (
        <li
          key={node.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          onClick={() => onChoose(node)}
        >
          <KindShape kind={node.kind} />
          <span class="node-name">{node.label}</span>
          <span class="muted small">{node.kind}</span>
        </li>
      ))}
    </ul>
  );
}

function KindField(
  { kind, onChange }: { kind: KnowledgeKind | ""; onChange: (kind: KnowledgeKind | "") => void },
) {
  return (
    <Field label="Among">
      {(control) => (
        <select
          {...control}
          class="input"
          value={kind}
          onChange={(event) =>
            onChange(KINDS.find((one) => one === event.currentTarget.value) ?? "")}
        >
          <option value="">everything</option>
          {KINDS.map((one) => <option key={one} value={one}>{KIND_PLURALS[one]}</option>)}
        </select>
      )}
    </Field>
  );
}

/** What a search found, and for what. */
interface Found {
  text: string;
  kind: KnowledgeKind | "";
  items: KnowledgeNode[];
}

/**
 * What a search finds once somebody pauses; `null` while there is nothing to look for. What was found
 * for other words stays until then, and is not `isCurrent`.
 */
function useFound(text: string, kind: KnowledgeKind | "") {
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    if (text === "") {
      setFound(null);
      setProblem(null);
      return;
    }
    const controller = new AbortController();
    const timer = setTimeout(() => {
      searchNodes(text, kind, controller.signal).then(
        ({ items }) => {
          if (controller.signal.aborted) return;
          setFound({ text, kind, items });
          setProblem(null);
        },
        (error) => controller.signal.aborted || setProblem(toProblem(error)),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [text, kind]);
  return {
    found: text === "" ? null : found?.items ?? null,
    isCurrent: found !== null && found.text === text && found.kind === kind,
    problem,
  };
}
