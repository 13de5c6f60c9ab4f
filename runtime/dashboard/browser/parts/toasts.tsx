import { signal } from "@preact/signals";
import { ApiError, type Problem, toProblem } from "../api/mod.ts";
import { Icon } from "./icon.tsx";

interface Toast {
  id: number;
  kind: "good" | "error";
  title: string;
  text?: string;
  code?: string;
}

const toasts = signal<readonly Toast[]>([]);
const GOOD_MS = 5_000;
let lastId = 0;

/** Says that something was done. It goes away by itself. */
export function showDone(title: string): void {
  const id = add({ kind: "good", title });
  setTimeout(() => drop(id), GOOD_MS);
}

/** Says what went wrong. It stays until it is closed. */
export function showProblem(error: unknown): void {
  // The sign-in page says this itself.
  if (error instanceof ApiError && error.status === 401) return;
  const problem: Problem = toProblem(error);
  const { title, detail, hint, code } = problem;
  add({ kind: "error", title: detail ?? title, text: hint, code });
}

function add(toast: Omit<Toast, "id">): number {
  const id = ++lastId;
  toasts.value = [...toasts.value.slice(-3), { ...toast, id }];
  return id;
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Where they appear; once in the page. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, kind, title, text, code }) => (
        <div key={id} class={`notice is-${kind}`}>
          <div>
            <div>{title}</div>
            {text !== undefined && <div class="muted small">{text}</div>}
            {code !== undefined && <div class="code">{code}</div>}
          </div>
          <button
            type="button"
            class="button is-quiet is-icon"
            aria-label="Close"
            onClick={() =>
              drop(id)}
          >
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
