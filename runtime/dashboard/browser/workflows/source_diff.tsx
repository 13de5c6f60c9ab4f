import { structuredPatch } from "diff";
import type { WorkflowDetail } from "../api/mod.ts";
import { Notice } from "../parts/mod.ts";

const MARKS: Readonly<Record<string, string>> = { "+": "added", "-": "removed" };

/** How the files of two versions differ, line by line, and whose code differs. */
export function SourceDiff({ before, after }: { before: WorkflowDetail; after: WorkflowDetail }) {
  const { hunks } = structuredPatch("", "", before.source, after.source, "", "", { context: 3 });
  const agents = changedAgents(before, after);
  return (
    <div class="stack">
      {agents.length > 0 && (
        <Notice>
          <span>Code that differs: {agents.join(", ")}</span>
        </Notice>
      )}
      {hunks.length === 0
        ? <p class="muted">The workflow files are the same.</p>
        : (
          <div class="diff" tabIndex={0} role="region" aria-label="Differences of the files">
            <table>
              {hunks.map((hunk) => <Hunk key={hunk.oldStart} {...hunk} />)}
            </table>
          </div>
        )}
    </div>
  );
}

function changedAgents(before: WorkflowDetail, after: WorkflowDetail): string[] {
  const names = new Set([...Object.keys(before.agents), ...Object.keys(after.agents)]);
  return [...names].filter((name) =>
    before.agents[name]?.codeHash !== after.agents[name]?.codeHash
  );
}

interface HunkLine {
  mark: string;
  text: string;
  before: number | null;
  after: number | null;
}

function Hunk(
  { oldStart, newStart, lines }: { oldStart: number; newStart: number; lines: string[] },
) {
  return (
    <tbody>
      <tr class="diff-head">
        <td colSpan={3}>line {newStart}</td>
      </tr>
      {numberLines(lines, oldStart, newStart).map(({ mark, text, before, after }) => (
        <tr key={`${before} ${after} ${text}`} class={`diff-line ${MARKS[mark] ?? ""}`}>
          <td class="diff-number">{before ?? ""}</td>
          <td class="diff-number">{after ?? ""}</td>
          <td class="diff-text">
            <span aria-hidden="true">{mark}</span>
            {MARKS[mark] !== undefined && <span class="visually-hidden">{MARKS[mark]}:</span>}
            {text}
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function numberLines(lines: readonly string[], oldStart: number, newStart: number): HunkLine[] {
  let [before, after] = [oldStart, newStart];
  return lines.filter((line) => !line.startsWith("\\")).map((line) => {
    const mark = line.charAt(0);
    return {
      mark,
      text: line.slice(1),
      before: mark === "+" ? null : before++,
      after: mark === "-" ? null : after++,
    };
  });
}
