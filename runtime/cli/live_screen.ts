import { widthOf } from "./text_width.ts";
import { stripVTControlCharacters } from "node:util";
import type { Terminal } from "./terminal.ts";

const FRAME_MS = 1_000 / 12;
/** Drawing may take this share of the time at most. */
const BUSY_SHARE = 0.1;

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_BELOW = "\x1b[J";

/**
 * Lines that are drawn again in place, at most twelve times a second. What is printed meanwhile
 * scrolls away above them.
 */
export class LiveScreen {
  readonly #terminal: Terminal;
  readonly #render: (size: { columns: number; rows: number }) => string[];
  #drawn: string[] = [];
  #above = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `render` gives the lines; none may be wider than the columns. */
  constructor(
    terminal: Terminal,
    render: (size: { columns: number; rows: number }) => string[],
  ) {
    this.#terminal = terminal;
    this.#render = render;
    terminal.err(HIDE_CURSOR);
    this.#schedule(0);
  }

  /** Puts a line above the live ones, where it stays. */
  print(line: string): void {
    this.#above += `${line}\n`;
  }

  /** Draws a last time and gives the cursor back. */
  close(): void {
    clearTimeout(this.#timer);
    this.#draw();
    this.#terminal.err(SHOW_CURSOR);
  }

  #schedule(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const startedAt = performance.now();
      this.#draw();
      const tookMs = performance.now() - startedAt;
      this.#schedule(Math.max(FRAME_MS, tookMs / BUSY_SHARE));
    }, delayMs);
  }

  #draw(): void {
    const size = this.#terminal.size();
    const lines = this.#render(size);
    if (this.#above === "" && lines.join("\n") === this.#drawn.join("\n")) return;
    const up = rowsOf(this.#drawn, size.columns);
    const home = up > 0 ? `\r\x1b[${up}A${CLEAR_BELOW}` : `\r${CLEAR_BELOW}`;
    this.#terminal.err(home + this.#above + lines.map((line) => `${line}\n`).join(""));
    this.#above = "";
    this.#drawn = lines;
  }
}

/** Rows that the lines take now: a terminal that became narrower has wrapped them. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => {
    const width = widthOf(stripVTControlCharacters(line));
    return rows + Math.max(1, Math.ceil(width / columns));
  }, 0);
}
