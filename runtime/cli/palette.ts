import type { RunStatus, TaskStatus } from "../../workflows/status.ts";

export type Color = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

const CODES: Readonly<Record<Color, [open: number, close: number]>> = {
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** Paints text, or leaves it as it is. */
export type Paint = (color: Color, text: string) => string;

/** A painter that paints only when `hasColor`. */
export function painter(hasColor: boolean): Paint {
  return (color, text) => {
    if (!hasColor || text === "") return text;
    const [open, close] = CODES[color];
    return `\x1b[${open}m${text}\x1b[${close}m`;
  };
}

/** How a status is shown: readable without colour. */
export const STATUS_MARKS: Readonly<Record<RunStatus | TaskStatus, [mark: string, color: Color]>> =
  {
    pending: ["·", "dim"],
    running: ["▶", "cyan"],
    waiting: ["◷", "yellow"],
    paused: ["‖", "yellow"],
    completed: ["✓", "green"],
    failed: ["✗", "red"],
    cancelled: ["⊘", "yellow"],
    skipped: ["↷", "dim"],
  };

/** Of what completed although some of it failed, as `continueOnError` lets it. */
export const FAILURES_MARK: readonly [mark: string, color: Color] = ["!", "yellow"];
