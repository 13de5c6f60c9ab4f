import type { TaskStatus } from "../../../../../workflows/mod.ts";

/** A drawing for each status: told apart without seeing colours. */
const PATHS: Readonly<Record<TaskStatus, string>> = {
  pending: "M8 3.2a4.8 4.8 0 1 0 0 9.6 4.8 4.8 0 0 0 0-9.6z",
  running: "M5.5 3.8v8.4L12 8z",
  waiting: "M8 2.8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 8 2.8zM8 5.2V8l2 1.6",
  paused: "M5.8 4v8M10.2 4v8",
  completed: "M3.4 8.4l3 3 6.2-6.6",
  failed: "M4.2 4.2l7.6 7.6M11.8 4.2l-7.6 7.6",
  cancelled: "M4.2 4.2h7.6v7.6H4.2z",
  skipped: "M3.5 4.5 7 8l-3.5 3.5M8.5 4.5 12 8l-3.5 3.5",
};

/** The mark of a status; its name has to stand beside it, or in the label of what it is in. */
export function StatusShape({ status, size = 16 }: { status: TaskStatus; size?: number }) {
  return (
    <svg
      class="status-shape"
      data-status={status}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={status === "running" ? "currentColor" : "none"}
      stroke="currentColor"
      stroke-width="1.9"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[status]} />
    </svg>
  );
}
