/** The status of a run or a task, in its colour and in words. */
export function StatusBadge({ status }: { status: string }) {
  return <span class="badge" data-status={status}>{status}</span>;
}

const STREAM_WORDS: Readonly<Record<string, string>> = {
  connecting: "connecting",
  open: "live",
  lost: "not live: connecting again",
};

/** Whether a page is told of changes as they happen. */
export function LiveMark({ state }: { state: "connecting" | "open" | "lost" }) {
  return <span class="live" data-state={state} role="status">{STREAM_WORDS[state]}</span>;
}
