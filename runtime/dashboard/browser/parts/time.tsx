import { signal } from "@preact/signals";
import { formatAge, formatDuration } from "./format.ts";

/** The instant that ages are told from; moves once a second while the page is seen. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);

const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** `3 min ago`; the exact instant is its title. */
export function Time({ at }: { at: string | number | null | undefined }) {
  if (at === null || at === undefined) return <span class="muted">–</span>;
  const instant = typeof at === "number" ? at : Date.parse(at);
  if (!Number.isFinite(instant)) return <span class="muted">–</span>;
  const date = new Date(instant);
  return (
    <time dateTime={date.toISOString()} title={EXACT.format(date)}>
      {formatAge(instant, now.value)}
    </time>
  );
}

/** How long something took, or has taken until now. */
export function Duration(
  { from, to }: { from: string | null | undefined; to: string | null | undefined },
) {
  if (!from) return <span class="muted">–</span>;
  const end = to ? Date.parse(to) : now.value;
  return <span class="number">{formatDuration(Math.max(0, end - Date.parse(from)))}</span>;
}
