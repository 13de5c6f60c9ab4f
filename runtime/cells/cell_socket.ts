/**
 * The node's end of one socket to a cell: takes one connection, reads and writes lines.
 *
 * @module
 */
import { LineSplitter } from "./boot/lines.ts";
import { LineWriter } from "./boot/line_writer.ts";

export interface CellSocketOptions {
  /** Where the cell connects. */
  path: string;
  /** Longest line that the cell may send, in bytes. */
  lineBytesMax: number;
  onLine(line: string): void;
}

/** How long lines of one cell are handled before the event loop gets a turn. */
const TURN_MS_MAX = 8;
/** A turn of the event loop that takes longer was one in which others had much to do. */
const QUIET_TURN_MS = 5;
const YIELDS_MAX = 4;

export class CellSocket {
  readonly #options: CellSocketOptions;
  readonly #listener: Deno.UnixListener;
  #connection: Deno.UnixConn | null = null;
  #writer: LineWriter | null = null;
  #early: string[] = [];
  /** Resolves when nothing more comes: the other side closed, broke the rules, or this one closed. */
  readonly ended: Promise<void>;

  /** Listens at once. Throws what `Deno.listen` throws. */
  constructor(options: CellSocketOptions) {
    this.#options = options;
    this.#listener = Deno.listen({ transport: "unix", path: options.path });
    this.ended = this.#serve();
  }

  /** Sends one line; what is sent before the cell has connected leaves then. */
  write(line: string): void {
    if (this.#writer === null) this.#early.push(line);
    else this.#writer.write(line);
  }

  /** Characters that the cell has not read yet. */
  get waitingChars(): number {
    return this.#writer?.waitingChars ?? 0;
  }

  close(): void {
    closeQuietly(this.#listener);
    if (this.#connection !== null) closeQuietly(this.#connection);
  }

  async #serve(): Promise<void> {
    try {
      const connection = this.#connection = await this.#listener.accept();
      // One connection, from the cell's boot code: nobody else may speak in its name.
      closeQuietly(this.#listener);
      this.#writer = new LineWriter(connection, () => closeQuietly(connection));
      for (const line of this.#early.splice(0)) this.#writer.write(line);
      await this.#read(connection);
    } catch {
      // A broken socket or a line beyond all limits: the same end for whoever waits.
    }
    this.close();
  }

  async #read(connection: Deno.UnixConn): Promise<void> {
    const lines = new LineSplitter(this.#options.lineBytesMax);
    const buffer = new Uint8Array(65_536);
    let turnMs = 0;
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null) return;
      for (const line of lines.push(buffer.subarray(0, count))) {
        const startedAt = performance.now();
        this.#options.onLine(line);
        turnMs += performance.now() - startedAt;
        if (turnMs < TURN_MS_MAX) continue;
        turnMs = 0;
        await yieldTurn();
      }
    }
  }
}

/** Waits until others had their turn, longer while they are behind. */
async function yieldTurn(): Promise<void> {
  for (let turns = 0; turns < YIELDS_MAX; turns++) {
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (performance.now() - startedAt < QUIET_TURN_MS) return;
  }
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Closed before.
  }
}
