/** Columns of what is drawn to fit, where the output is no terminal. */
export const PLAIN_COLUMNS = 120;

/** Where a command writes: data to `out`, everything else to `err`. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` can be drawn on in place. */
  isLive: boolean;
  outHasColor: boolean;
  errHasColor: boolean;
  size(): { columns: number; rows: number };
  /** From now on it is no reason to end that nobody reads what is written, as in `… | head`. */
  outliveReaders(): void;
}

/**
 * The process's own terminal. Colours and in-place drawing are off when the stream is no terminal,
 * and when `NO_COLOR`, `CI` or `TERM=dumb` ask for plain text.
 */
export function openTerminal(env: Readonly<Record<string, string | undefined>>): Terminal {
  const isPlain = !!env.NO_COLOR || env.TERM === "dumb" || (!!env.CI && env.CI !== "false");
  let onGone = (): void => Deno.exit(141);
  return {
    out: (text) => writeAll(Deno.stdout, text, () => onGone()),
    err: (text) => writeAll(Deno.stderr, text, () => onGone()),
    isLive: !isPlain && Deno.stderr.isTerminal(),
    outHasColor: !isPlain && Deno.stdout.isTerminal(),
    errHasColor: !isPlain && Deno.stderr.isTerminal(),
    size: terminalSize,
    outliveReaders: () => onGone = () => {},
  };
}

function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    // A pseudo-terminal that nobody has sized says 0 × 0.
    if (columns > 0 && rows > 0) return { columns, rows };
  } catch {
    // No terminal: the size of the oldest one.
  }
  return { columns: 80, rows: 24 };
}

const encoder = new TextEncoder();

function writeAll(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
  onGone: () => void,
): void {
  let rest = encoder.encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
  } catch (error) {
    // The reader has gone, as in `… | head`: nobody is left to tell.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    onGone();
  }
}
