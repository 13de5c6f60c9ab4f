/**
 * The permission broker of one cell: Deno asks it over a unix socket before each access, from
 * whatever thread of the cell. It decides by the agent's grants, after following symbolic links,
 * which Deno itself does not do.
 *
 * @module
 */
import { type Ask, isGranted, PATH_PERMISSIONS } from "../../actors/permissions.ts";
import { toPlainText } from "../../actors/frames.ts";
import type { Permissions } from "../../actors/manifest.ts";
import { LineSplitter } from "./boot/lines.ts";
import { LineWriter } from "./boot/line_writer.ts";
import { resolveRealPath } from "./real_path.ts";

/** What a broker does not allow. */
export interface Denial {
  permission: string;
  value: string | null;
  message: string;
}

export interface BrokerOptions {
  path: string;
  permissions: Permissions;
  /** Folder in which the cell starts. */
  workDir: string;
  /** Files that the cell reads and sockets that it opens before it runs foreign code. */
  startup: Record<string, readonly string[]>;
  onDenial(denial: Denial): void;
  /** A program may be started now. */
  onRun(): void;
}

/** Asks that are answered at once; from then on the answer to each denied one takes longer. */
const DENIALS_FREE = 16;
const DELAY_MS_MAX = 100;
/** Of a path or name, in reports. */
const VALUE_CHARS_MAX = 1_024;
const ASK_BYTES_MAX = 1024 * 1024;

interface Request {
  id: number;
  pid: number;
  permission: string;
  value: string | null;
}

/** Serves one cell until the cell ends. */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #listener: Deno.UnixListener;
  #connection: Deno.UnixConn | null = null;
  #permissions: Permissions;
  #isStarting = true;
  #denials = 0;
  readonly #serving: Promise<void>;
  /** Ends the wait before an answer. */
  #wake: () => void = () => {};
  #isClosed = false;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#permissions = options.permissions;
    this.#listener = Deno.listen({ transport: "unix", path: options.path });
    this.#serving = this.#serve();
  }

  /** Asks denied so far. */
  get denials(): number {
    return this.#denials;
  }

  /** Foreign code comes next: from now on only the agent's grants count. */
  endStartup(): void {
    this.#isStarting = false;
  }

  /** Resolves when nothing of it is at work any more. */
  close(): Promise<void> {
    this.#disconnect();
    return this.#serving;
  }

  #disconnect(): void {
    this.#isClosed = true;
    this.#wake();
    closeQuietly(this.#listener);
    if (this.#connection !== null) closeQuietly(this.#connection);
  }

  async #serve(): Promise<void> {
    try {
      const connection = this.#connection = await this.#listener.accept();
      // One cell, one connection: nobody else may ask in its name.
      closeQuietly(this.#listener);
      const writer = new LineWriter(connection, () => this.#disconnect());
      const lines = new LineSplitter(ASK_BYTES_MAX);
      const buffer = new Uint8Array(16_384);
      for (;;) {
        const count = await connection.read(buffer);
        if (count === null) break;
        for (const line of lines.push(buffer.subarray(0, count))) {
          // An allowed ask is answered within this turn; only a denied one may have to wait.
          const answered = this.#answer(line, writer);
          if (answered !== null) await answered;
        }
      }
    } catch {
      // The cell is gone, or writes what Deno never writes: without a broker it ends itself.
    }
    this.#disconnect();
  }

  #answer(line: string, writer: LineWriter): Promise<void> | null {
    const { id, pid, permission, value } = JSON.parse(line) as Request;
    if (this.#allows({ permission, value }, pid)) {
      if (permission === "run") this.#options.onRun();
      writer.write(`{"id":${id},"result":"allow"}`);
      return null;
    }
    return this.#deny({ id, permission, value }, writer);
  }

  async #deny(
    { id, permission, value }: Omit<Request, "pid">,
    writer: LineWriter,
  ): Promise<void> {
    const message = denialMessage(permission, value);
    this.#denials++;
    if (!isProbe(this.#permissions, permission, value)) {
      const shown = value === null ? null : toPlainText(value, VALUE_CHARS_MAX);
      this.#options.onDenial({ permission: toPlainText(permission, 32), value: shown, message });
    }
    await this.#pause(Math.min(DELAY_MS_MAX, this.#denials - DENIALS_FREE));
    writer.write(JSON.stringify({ id, result: "deny", reason: message }));
  }

  #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #allows(ask: Ask, pid: number): boolean {
    if (this.#isStarting && this.#isOfStartup(ask)) return true;
    if (PATH_PERMISSIONS.includes(ask.permission) && ask.value !== null) {
      if (this.#permissions[ask.permission as "read"].length === 0) return false;
      const realPath = resolveRealPath(this.#absolutePath(ask.value, pid));
      return isGranted(this.#permissions, { ...ask, realPath });
    }
    return isGranted(this.#permissions, ask);
  }

  /**
   * A relative path begins at the folder in which the cell is now: code that may read a folder may
   * also change into it. Only where the system does not tell is it taken to have stayed.
   */
  #absolutePath(path: string, pid: number): string {
    if (path.startsWith("/")) return path;
    try {
      return `${Deno.readLinkSync(`/proc/${pid}/cwd`)}/${path}`;
    } catch {
      return `${this.#options.workDir}/${path}`;
    }
  }

  #isOfStartup({ permission, value }: Ask): boolean {
    return value !== null && this.#options.startup[permission]?.includes(value) === true;
  }
}

/** Deno asks for `run` as a whole before it asks for the program: no access was meant. */
function isProbe(permissions: Permissions, permission: string, value: string | null): boolean {
  return permission === "run" && value === null && permissions.run.length > 0;
}

function denialMessage(permission: string, value: string | null): string {
  const what = value === null ? "" : ` "${toPlainText(value, VALUE_CHARS_MAX)}"`;
  return `Denied: ${permission} is not granted to this agent${what && `, asked for${what}`}`;
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Closed before.
  }
}
