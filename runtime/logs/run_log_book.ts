/**
 * Keeps what agents log, run by run, for whoever looks at a run later. Lines are no part of the
 * journal: a crash may lose those of the last moment.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { decodeTime, isValid } from "ulid";
import { toPlainText } from "../../actors/frames.ts";
import type { DocumentStore } from "../../core/document_ports.ts";
import type { Json, JsonObject } from "../../core/json.ts";
import type { Clock } from "../../core/ports.ts";
import { cleanUpdate, type Redaction } from "./clean_update.ts";
import { logDocuments } from "./log_documents.ts";
import { addToTotal, deleteRunLogs, makeRoom, sizeOf } from "./log_ledger.ts";
import {
  lineId,
  LOG_LEVELS,
  type LogLevel,
  LOGS,
  type StoredLine,
  type StoredLines,
  WINDOW_MS,
} from "./log_line.ts";
import { type LinePage, type LineQuery, readLines } from "./read_lines.ts";

/** What a node tells its listeners, as far as it matters here. */
export interface LogUpdate {
  runId: string;
  /** Epoch milliseconds. */
  at: number;
  /** Only `log` is kept. */
  type: string;
  taskId?: string;
  level?: LogLevel;
  message?: string;
  fields?: Record<string, unknown>;
}

export interface RunLogBookOptions {
  documents: DocumentStore;
  clock: Clock;
  /** Node that writes. */
  nodeId: string;
  /** What must not be kept. Default: everything may. */
  redaction?: Redaction;
  /** What went wrong; the lines are kept in memory, and tried again. */
  onTrouble?: (error: unknown) => void;
  /** How long lines are gathered before they are written. Default 250 ms. */
  batchMs?: number;
  /** Lines of one run that one node keeps. Default 5,000. */
  linesMax?: number;
  /** Bytes of one run that one node keeps. Default 2 MiB. */
  runBytesMax?: number;
  /** Bytes of all runs, about; beyond, the oldest runs lose their logs. Default 256 MiB. */
  bytesMax?: number;
}

/** Lines that agents logged, by run. */
export interface RunLogBook {
  /** Keeps the line of an update, if it is one. Never waits. */
  note(update: LogUpdate): void;
  /** Lines of a run, oldest first, those included that were noted here just now. */
  read(runId: string, query: LineQuery): Promise<LinePage>;
  /** Deletes the lines of a run. */
  forget(runId: string): Promise<void>;
  /** Resolves when everything that was noted is stored, or was tried to be. */
  flush(): Promise<void>;
  /** Stores what was noted, and keeps nothing more. */
  close(): Promise<void>;
}

const DEFAULTS = {
  redaction: { redact: (text: string) => text, isSecretField: () => false },
  onTrouble: () => {},
  batchMs: 250,
  linesMax: 5_000,
  runBytesMax: 2 * 1024 * 1024,
  bytesMax: 256 * 1024 * 1024,
};

/** A document takes 60 KiB, framing included. */
const DOCUMENT_BYTES_MAX = 50 * 1024;
/** Lines in memory that wait for the store. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;
/** Runs whose sizes are remembered; of others they are read again. */
const RUNS_MAX = 10_000;
/** A run that is older may have lines already. */
const FRESH_MS = 5_000;
/** How often is written what all is, and how many lines were left out. */
const SECOND_MS = 1_000;
/** How often it is looked whether all logs take too much. */
const ROOM_EVERY_MS = 60_000;

/** What is known of one run. */
interface RunLog {
  /** Stored and waiting. */
  lines: number;
  bytes: number;
  leftOut: number;
  /** When a line was left out last; 0: never. */
  leftOutAt: number;
  /** Number of lines left out that is stored. */
  gapStored: number;
  /** Whether it has lines of before is looked up before the first line is written. */
  isKnown: boolean;
  waiting: { line: StoredLine; bytes: number }[];
}

export function openRunLogBook(options: RunLogBookOptions): RunLogBook {
  return new LogBook({ ...DEFAULTS, ...withoutUndefined(options) });
}

class LogBook implements RunLogBook {
  readonly #options: Required<RunLogBookOptions>;
  readonly #writer: string;
  /** The least recently used first. */
  readonly #runs = new Map<string, RunLog>();
  /** Runs that have something to be written. */
  readonly #dirty = new Set<string>();
  #numbers = 0;
  #waitingBytes = 0;
  /** Bytes that were written, and are not in the total. */
  #unsaidBytes = 0;
  #secondAt = 0;
  #roomAt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: Required<RunLogBookOptions>) {
    this.#options = options;
    // A node that comes again must not take names for its own that it gave in another life.
    // The comma sorts before whatever a name of a node may go on with.
    this.#writer = `${options.nodeId},${crypto.randomUUID().slice(0, 8)}`;
    this.#roomAt = options.clock.now() + ROOM_EVERY_MS;
  }

  note(update: LogUpdate): void {
    const { type, runId, at, taskId, level = "info" } = update;
    if (type !== "log" || runId === "" || this.#isClosed) return;
    const run = this.#runOf(runId, at);
    this.#dirty.add(runId);
    this.#schedule();
    const { linesMax, runBytesMax, redaction } = this.#options;
    const isFull = run.lines >= linesMax || run.bytes >= runBytesMax ||
      this.#waitingBytes >= WAITING_BYTES_MAX;
    if (isFull) return leaveOut(run, 1, at);
    const { message = "", fields } = cleanUpdate(update, redaction);
    const line: StoredLine = [
      Math.floor(at),
      ++this.#numbers,
      LOG_LEVELS.includes(level) ? level : "info",
      taskId ? toPlainText(taskId, 200) : null,
      message,
    ];
    if (fields !== undefined) line.push(fields as JsonObject);
    const bytes = Buffer.byteLength(JSON.stringify(line));
    run.waiting.push({ line, bytes });
    run.lines++;
    run.bytes += bytes;
    this.#waitingBytes += bytes;
  }

  #runOf(runId: string, at: number): RunLog {
    let run = this.#runs.get(runId);
    if (run !== undefined) this.#runs.delete(runId);
    else {
      const isKnown = at - timeOfRun(runId) < FRESH_MS;
      const nothing = { lines: 0, bytes: 0, leftOut: 0, leftOutAt: 0, gapStored: 0 };
      run = { ...nothing, isKnown, waiting: [] };
    }
    this.#runs.set(runId, run);
    return run;
  }

  #schedule(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, this.#options.batchMs);
    Deno.unrefTimer(this.#timer);
  }

  async read(runId: string, query: LineQuery): Promise<LinePage> {
    if (this.#dirty.has(runId)) await this.flush();
    return await readLines(this.#options.documents, runId, query);
  }

  async forget(runId: string): Promise<void> {
    const run = this.#runs.get(runId);
    for (const { bytes } of run?.waiting ?? []) this.#waitingBytes -= bytes;
    this.#runs.delete(runId);
    this.#dirty.delete(runId);
    await this.#writing;
    await deleteRunLogs(this.#options.documents, runId);
  }

  flush(): Promise<void> {
    return this.#write(false);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#write(true);
  }

  /** One after the other. */
  #write(areGapsDue: boolean): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeAll(areGapsDue)).catch((error) => {
      this.#options.onTrouble(error);
      if (!this.#isClosed) this.#schedule();
    });
    return this.#writing;
  }

  async #writeAll(isLast: boolean): Promise<void> {
    const { documents, clock, bytesMax } = this.#options;
    if (this.#dirty.size === 0) return;
    const now = clock.now();
    const isSecondOver = isLast || now - this.#secondAt >= SECOND_MS;
    for (const runId of this.#dirty) {
      const run = this.#runs.get(runId)!;
      if (!run.isKnown) await this.#lookUp(runId, run);
    }
    await this.#store(this.#take(isSecondOver));
    this.#forgetOld();
    if (!isSecondOver) return;
    this.#secondAt = now;
    await this.#sayTotal();
    if (now < this.#roomAt) return;
    this.#roomAt = now + ROOM_EVERY_MS;
    await makeRoom(documents, bytesMax);
  }

  /** What another process, or another node, has written of a run counts too. */
  async #lookUp(runId: string, run: RunLog): Promise<void> {
    const { documents, linesMax, runBytesMax } = this.#options;
    const found = { lines: 0, bytes: 0 };
    for await (const { value } of logDocuments(documents, runId)) {
      const { lines = [] } = value as Partial<StoredLines>;
      found.lines += lines.length;
      found.bytes += sizeOf(value);
    }
    run.isKnown = true;
    run.lines += found.lines;
    run.bytes += found.bytes;
    while (run.waiting.length > 0 && (run.lines > linesMax || run.bytes > runBytesMax)) {
      const { line: [at], bytes } = run.waiting.pop()!;
      run.lines--;
      run.bytes -= bytes;
      this.#waitingBytes -= bytes;
      leaveOut(run, 1, at);
    }
  }

  /** What is to be written now, document by document. */
  #take(areGapsDue: boolean): Batch[] {
    const batches: Batch[] = [];
    for (const runId of [...this.#dirty]) {
      const run = this.#runs.get(runId)!;
      const taken = run.waiting;
      run.waiting = [];
      const documents = pack(runId, this.#writer, taken);
      const { leftOut, leftOutAt: at } = run;
      const hasGap = leftOut > run.gapStored;
      if (hasGap && areGapsDue) {
        documents.push({ key: `${runId}/~${this.#writer}`, value: { leftOut, at } });
      }
      if (documents.length > 0) batches.push({ run, runId, taken, documents, leftOut });
      if (!hasGap || areGapsDue) this.#dirty.delete(runId);
    }
    // Until they are due.
    if (this.#dirty.size > 0 && !this.#isClosed) this.#schedule();
    return batches;
  }

  async #store(batches: readonly Batch[]): Promise<void> {
    const documents = batches.flatMap((batch) => batch.documents);
    if (documents.length === 0) return;
    try {
      await this.#options.documents.putAll(LOGS, documents);
    } catch (error) {
      // The same names once more: what was written already is replaced by itself.
      for (const batch of batches) this.#giveBack(batch);
      throw error;
    }
    for (const { value } of documents) this.#unsaidBytes += sizeOf(value);
    for (const { run, taken, documents, leftOut } of batches) {
      for (const { bytes } of taken) this.#waitingBytes -= bytes;
      if (documents.at(-1)!.key.includes("/~")) run.gapStored = leftOut;
    }
  }

  /** Unless it was forgotten meanwhile. */
  #giveBack({ run, runId, taken }: Batch): void {
    if (this.#runs.get(runId) === run) {
      run.waiting.unshift(...taken);
      this.#dirty.add(runId);
    } else for (const { bytes } of taken) this.#waitingBytes -= bytes;
  }

  async #sayTotal(): Promise<void> {
    const bytes = this.#unsaidBytes;
    if (bytes === 0) return;
    await addToTotal(this.#options.documents, bytes);
    this.#unsaidBytes -= bytes;
  }

  #forgetOld(): void {
    for (const runId of this.#runs.keys()) {
      if (this.#runs.size <= RUNS_MAX) return;
      if (!this.#dirty.has(runId)) this.#runs.delete(runId);
    }
  }
}

/** Documents of one run. */
interface Batch {
  run: RunLog;
  runId: string;
  taken: { line: StoredLine; bytes: number }[];
  documents: { key: string; value: Json }[];
  leftOut: number;
}

/** Lines as documents, none of which is too large or lasts too long. */
function pack(
  runId: string,
  writer: string,
  lines: readonly { line: StoredLine; bytes: number }[],
): { key: string; value: Json }[] {
  const documents: { key: string; value: { writer: string; lines: Json[] } }[] = [];
  let room = 0;
  let until = 0;
  for (const { line, bytes } of lines) {
    const [at, number] = line;
    const isWithin = at >= until - WINDOW_MS && at < until;
    if (bytes > room || !isWithin) {
      const key = `${runId}/${lineId(at, writer, number)}`;
      documents.push({ key, value: { writer, lines: [] } });
      room = DOCUMENT_BYTES_MAX;
      until = at + WINDOW_MS;
    }
    documents.at(-1)!.value.lines.push(line as Json[]);
    room -= bytes + 1;
  }
  return documents;
}

function leaveOut(run: RunLog, count: number, at: number): void {
  run.leftOut += count;
  run.leftOutAt = at;
}

/** When a run was submitted; 0 when its name is no ULID. */
function timeOfRun(runId: string): number {
  return isValid(runId) ? decodeTime(runId) : 0;
}

function withoutUndefined(options: RunLogBookOptions): RunLogBookOptions {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as RunLogBookOptions;
}
