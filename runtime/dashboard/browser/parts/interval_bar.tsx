import { formatShare } from "./format.ts";

/** A share between 0 and 1, with the interval that holds it with 90 %. */
export interface Interval {
  success: number;
  low: number;
  high: number;
}

/**
 * A share as a mark in its interval on a line from 0 to 1, and in words beside it. Short lines mean
 * that much is known.
 */
export function IntervalBar({ success, low, high }: Interval) {
  const percent = (share: number) => `${Math.min(1, Math.max(0, share)) * 100}%`;
  return (
    <span class="interval">
      <span class="interval-track" aria-hidden="true">
        <span
          class="interval-span"
          style={{ left: percent(low), right: `calc(100% - ${percent(high)})` }}
        />
        <span class="interval-mark" style={{ left: percent(success) }} />
      </span>
      <span class="number">
        <strong>{formatShare(success)}</strong>
        <span class="muted small">{` ${formatShare(low)} to ${formatShare(high)}`}</span>
      </span>
    </span>
  );
}
