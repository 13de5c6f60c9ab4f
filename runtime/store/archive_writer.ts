import type { Fence } from "../../core/ports.ts";
import type { ArchiveTables, ArchiveWrite } from "./archive_tables.ts";

/** Bytes of one write: a group commit that comes next waits a few milliseconds at most. */
const WRITE_BYTES = 128 * 1024;
const WRITE_COUNT = 200;
/** Writes changes in order, some at a time. */
export class ArchiveWriter {
  readonly #tables: ArchiveTables;
  readonly #fence: Fence;
  #writes: ArchiveWrite[] = [];
  #bytes = 0;

  constructor(tables: ArchiveTables, fence: Fence) {
    this.#tables = tables;
    this.#fence = fence;
  }

  async add(write: ArchiveWrite, bytes: number): Promise<void> {
    const isFull = this.#bytes + bytes > WRITE_BYTES || this.#writes.length === WRITE_COUNT;
    if (isFull && this.#writes.length > 0) await this.flush();
    this.#writes.push(write);
    this.#bytes += bytes;
  }

  async flush(): Promise<void> {
    const writes = this.#writes;
    this.#writes = [];
    this.#bytes = 0;
    if (writes.length > 0) await this.#tables.write(this.#fence, writes);
  }
}
