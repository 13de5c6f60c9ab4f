import { useEffect, useRef, useState } from "preact/hooks";
import {
  api,
  type LogLine,
  type LogPage,
  type Problem,
  toProblem,
  useThrottled,
} from "../../api/mod.ts";
import { Empty, ProblemNotice } from "../../parts/mod.ts";
import type { RunFeed } from "../feed/mod.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

/** Lines that are kept in the page; older ones are read from the node by the command line. */
const LINES_MAX = 2_000;
/** Lines are asked for so often at most, also while more keep coming. */
const SOON_MS = 200;
/** They are durable a moment after they are told: behind the last one they are asked for once more. */
const AGAIN_MS = 1_500;

/** What agents logged, of a run or one task, with new lines as they come. */
export function LogView({ feed, task }: { feed: RunFeed; task?: string }) {
  const [level, setLevel] = useState<Level>("debug");
  const { lines, problem } = useLogLines(feed, { task, level });
  const scrolled = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const element = scrolled.current;
    if (element !== null && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines]);

  return (
    <div class="log-view">
      <label class="row small">
        Level
        <select
          class="input is-narrow"
          value={level}
          onChange={(event) => setLevel(event.currentTarget.value as Level)}
        >
          {LEVELS.map((one) => (
            <option key={one} value={one}>{one === "error" ? one : `${one} and above`}</option>
          ))}
        </select>
      </label>
      {problem !== null && <ProblemNotice problem={problem} />}
      {problem === null && lines.length === 0 && (
        <Empty title="No lines">What agents log with ctx.log appears here.</Empty>
      )}
      {lines.length > 0 && (
        <div
          class="log-lines"
          ref={scrolled}
          role="log"
          aria-label="Log lines"
          tabIndex={0}
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) =>
            isAtEnd.current = scrollTop + clientHeight > scrollHeight - 30}
        >
          {lines.map((line) => <Line key={line.id} line={line} withTask={task === undefined} />)}
        </div>
      )}
    </div>
  );
}

function Line({ line, withTask }: { line: LogLine; withTask: boolean }) {
  const fields = Object.keys(line.fields).length === 0 ? "" : JSON.stringify(line.fields);
  return (
    <div class="log-line" data-level={line.level}>
      <time dateTime={line.at}>{line.at.slice(11, 23)}</time>
      <span class="log-level">{line.level}</span>
      {withTask && <span class="log-task">{line.task ?? "run"}</span>}
      <span class="log-message">
        {line.message}
        {fields !== "" && <span class="muted">{` ${fields}`}</span>}
      </span>
    </div>
  );
}

interface LogFilter {
  task: string | undefined;
  level: Level;
}

/** Loads what there is, and what is behind it whenever the run says that something was logged. */
function useLogLines(feed: RunFeed, { task, level }: LogFilter) {
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const next = useRef<() => Promise<void>>(() => Promise.resolve());

  useEffect(() => {
    const controller = new AbortController();
    // Of the page that was not full: it is read again for what has come to it since.
    let cursor: string | undefined;
    let lastId = "";
    let pending: Promise<void> = Promise.resolve();
    setLines([]);
    next.current = () => pending = pending.then(() => load().catch(refuse));
    const refuse = (error: unknown) => {
      if (!controller.signal.aborted) setProblem(toProblem(error));
    };

    async function load(): Promise<void> {
      for (;;) {
        const query = { task, level, limit: 500, cursor };
        const { signal } = controller;
        const page = await api.get<LogPage>(`${feed.path}/logs`, { query, signal });
        setProblem(null);
        const added = page.items.filter(({ id }) => id > lastId);
        if (added.length > 0) {
          lastId = added.at(-1)!.id;
          setLines((old) => [...old, ...added].slice(-LINES_MAX));
        }
        if (page.nextCursor === null) return;
        cursor = page.nextCursor;
      }
    }

    next.current();
    return () => controller.abort();
  }, [feed, task, level]);

  const loadSoon = useThrottled(() => void next.current(), SOON_MS);
  useEffect(() => {
    if (feed.logged.value === 0) return;
    loadSoon();
    const timer = setTimeout(() => next.current(), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [feed.logged.value]);

  return { lines, problem };
}
