import type { ComponentChildren } from "preact";
import type { Loaded, Problem } from "../api/mod.ts";
import { Button } from "./button.tsx";

/** What went wrong, its code, and what to do next. */
export function ProblemNotice(
  { problem, onRetry }: { problem: Problem; onRetry?: () => void },
) {
  return (
    <div class="notice is-error" role="alert">
      <strong>{problem.detail ?? problem.title}</strong>
      {problem.hint !== undefined && <span>{problem.hint}</span>}
      {problem.issues !== undefined && problem.issues.length > 0 && (
        <ul>
          {problem.issues.slice(0, 20).map((issue) => (
            <li class="small">
              {issue.pointer !== undefined && issue.pointer !== "" && <code>{issue.pointer}</code>}
              {" "}
              {issue.message}
              {issue.hint !== undefined && <span class="muted">{` (${issue.hint})`}</span>}
            </li>
          ))}
        </ul>
      )}
      <span class="row">
        {problem.code !== undefined && <span class="code">{problem.code}</span>}
        {onRetry !== undefined && <Button icon="retry" onClick={onRetry}>Try again</Button>}
      </span>
    </div>
  );
}

/** A message that is no error. */
export function Notice(
  { kind = "plain", children }: {
    kind?: "plain" | "warning" | "good";
    children: ComponentChildren;
  },
) {
  return <div class={`notice is-${kind}`}>{children}</div>;
}

/** Nothing is here: why, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** What was loaded, or that it is being loaded, or why it could not be. */
export function LoadedView<T>(
  { loaded, children }: { loaded: Loaded<T>; children: (data: T) => ComponentChildren },
) {
  const { data, problem, reload } = loaded;
  if (data === undefined) {
    return problem === null
      ? <p class="loading" role="status">Loading…</p>
      : <ProblemNotice problem={problem} onRetry={reload} />;
  }
  return (
    <>
      {problem !== null && <ProblemNotice problem={problem} onRetry={reload} />}
      {children(data)}
    </>
  );
}
