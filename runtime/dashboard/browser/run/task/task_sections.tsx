import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { TaskDetail } from "../../api/mod.ts";
import { formatBytes, formatCount, Time } from "../../parts/mod.ts";
import { JsonTree } from "./json_tree.tsx";

/** A part of the panel that opens and closes. What somebody opened stays open. */
export function Fold(
  { title, count, isOpen = false, children }: {
    title: string;
    count?: number;
    isOpen?: boolean;
    children: ComponentChildren;
  },
) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isShown = chosen ?? isOpen;
  return (
    <section class="fold">
      <h3>
        <button
          type="button"
          class="fold-toggle"
          aria-expanded={isShown}
          onClick={() => setChosen(!isShown)}
        >
          {title}
          {count !== undefined && <span class="muted number">{formatCount(count)}</span>}
        </button>
      </h3>
      {isShown && <div class="fold-body">{children}</div>}
    </section>
  );
}

/** A value, or why there is none to see. */
export function Value({ shown, label }: { shown: TaskDetail["input"]; label: string }) {
  if (shown === null) return <p class="muted">None yet</p>;
  if (shown.truncated) {
    return <p class="muted">{`Too large to show: ${formatBytes(shown.bytes)} of JSON`}</p>;
  }
  return <JsonTree value={shown.value} label={label} />;
}

/** What went wrong and what to do about it. */
export function ErrorNotice({ error }: { error: NonNullable<TaskDetail["error"]> }) {
  return (
    <div class="notice is-error">
      <strong>{error.message}</strong>
      {error.hint !== undefined && <span>{error.hint}</span>}
      <span class="code">{error.code}</span>
    </div>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The reason, with its instant as people say it. */
function WaitText({ reason: { text, until } }: { reason: NonNullable<TaskDetail["waitingFor"]> }) {
  if (until === undefined || !text.includes(until)) return <>{text}</>;
  const [before, after] = text.split(until);
  return (
    <>
      {before + CLOCK.format(Date.parse(until))} (<Time at={until} />){after}
    </>
  );
}

/** Why nothing happens. */
export function WaitNotice(
  { reason, onSelect }: {
    reason: NonNullable<TaskDetail["waitingFor"]>;
    onSelect: (taskId: string) => void;
  },
) {
  return (
    <div class="notice is-warning">
      <strong>Why this waits</strong>
      <span>
        <WaitText reason={reason} />
      </span>
      {reason.tasks.length > 0 && (
        <span class="row">
          {reason.tasks.slice(0, 20).map((id) => (
            <button
              key={id}
              type="button"
              class="link-button"
              onClick={() => onSelect(id)}
            >
              {id}
            </button>
          ))}
        </span>
      )}
    </div>
  );
}
