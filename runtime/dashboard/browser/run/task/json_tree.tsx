import { useState } from "preact/hooks";
import { CopyButton } from "../../parts/mod.ts";

/** Entries of an object or a list that are shown at first, and with each press on "more". */
const PAGE = 50;
/** Characters of a string that are shown at first. */
const TEXT_MAX = 400;

/** A JSON value as a tree whose branches open and close. `linkOf`: an address for a string. */
export function JsonTree(
  { value, label, linkOf = () => null }: {
    value: unknown;
    label: string;
    linkOf?: (text: string) => string | null;
  },
) {
  return (
    <div class="json-tree" role="region" aria-label={label}>
      <span class="json-copy">
        <CopyButton text={JSON.stringify(value, null, 2) ?? ""} label={`Copy ${label}`} />
      </span>
      <Node name={null} value={value} depth={0} linkOf={linkOf} />
    </div>
  );
}

interface NodeProps {
  name: string | null;
  value: unknown;
  depth: number;
  linkOf: (text: string) => string | null;
}

function Node({ name, value, depth, linkOf }: NodeProps) {
  if (typeof value === "object" && value !== null) {
    return <Branch name={name} value={value} depth={depth} linkOf={linkOf} />;
  }
  return (
    <div class="json-leaf">
      <Name name={name} />
      <Leaf value={value} linkOf={linkOf} />
    </div>
  );
}

function Branch({ name, value, depth, linkOf }: NodeProps & { value: object }) {
  const entries = Object.entries(value);
  const [isOpen, setIsOpen] = useState(depth === 0 || (depth === 1 && entries.length <= 12));
  const [shown, setShown] = useState(PAGE);
  const [opening, closing] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (entries.length === 0) {
    return (
      <div class="json-leaf">
        <Name name={name} />
        {opening + closing}
      </div>
    );
  }
  const count = `${entries.length} ${entries.length === 1 ? "entry" : "entries"}`;
  return (
    <div class="json-branch">
      <button
        type="button"
        class="json-toggle"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <Name name={name} />
        {isOpen ? opening : <span class="muted">{`${opening} ${count} ${closing}`}</span>}
      </button>
      {isOpen && (
        <div class="json-entries">
          {entries.slice(0, shown).map(([key, entry]) => (
            <Node key={key} name={key} value={entry} depth={depth + 1} linkOf={linkOf} />
          ))}
          {entries.length > shown && (
            <button
              type="button"
              class="link-button small"
              onClick={() => setShown(shown + 10 * PAGE)}
            >
              {`${entries.length - shown} more`}
            </button>
          )}
        </div>
      )}
      {isOpen && closing}
    </div>
  );
}

function Name({ name }: { name: string | null }) {
  return name === null ? null : <span class="json-name">{`${name}: `}</span>;
}

function Leaf({ value, linkOf }: { value: unknown; linkOf: NodeProps["linkOf"] }) {
  const [isWhole, setIsWhole] = useState(false);
  if (typeof value !== "string") {
    return <span class={`json-${typeof value}`}>{String(value)}</span>;
  }
  const link = linkOf(value);
  if (link !== null) return <a href={link} target="_blank" rel="noreferrer">{value}</a>;
  const isLong = value.length > TEXT_MAX && !isWhole;
  return (
    <span class="json-string">
      {JSON.stringify(isLong ? value.slice(0, TEXT_MAX) : value)}
      {isLong && (
        <button type="button" class="link-button small" onClick={() => setIsWhole(true)}>
          {`… ${value.length - TEXT_MAX} more characters`}
        </button>
      )}
    </span>
  );
}
