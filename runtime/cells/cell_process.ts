/**
 * One cell: a process with exact rights, a socket to it, its broker, and the end of it.
 *
 * @module
 */
import { isBlank, permissionFlags, workerPermissions } from "../../actors/permissions.ts";
import type { Permissions } from "../../actors/manifest.ts";
import { toPlainText } from "../../actors/frames.ts";
import { Broker, type Denial } from "./broker.ts";
import { CellSocket } from "./cell_socket.ts";
import { Descendants } from "./descendants.ts";
import { describeExit, type ExitCause } from "./exit_cause.ts";
import type { Guards } from "./limits.ts";
import { resolvePrograms } from "./programs.ts";
import { StderrTail } from "./stderr_tail.ts";

/** Files that a cell reads at its start; nothing else may be read before the agent's grants count. */
const BOOT_FILES = [
  "./boot/cell_main.ts",
  "./boot/worker_main.ts",
  "./boot/actor_context.ts",
  "./boot/bid_context.ts",
  "./boot/context.ts",
  "./boot/describe_agent.ts",
  "./boot/failure.ts",
  "./boot/find_unfit.ts",
  "./boot/lines.ts",
  "./boot/line_writer.ts",
  "./boot/locks.ts",
  "./boot/messenger.ts",
  "./boot/outbox.ts",
  "./boot/read_module.ts",
  "./boot/recalls.ts",
  "./boot/schema_check.ts",
  "./boot/sealing.ts",
  "./boot/seals.ts",
  "./boot/seats.ts",
  "./boot/work_context.ts",
  "../../actors/declaration.ts",
  "../../actors/frames.ts",
  "../../actors/messages/address.ts",
  "../../actors/messages/message.ts",
  "../../actors/read_declaration.ts",
  "../../core/json.ts",
  "../../core/suggest.ts",
].map((file) => decodeURIComponent(new URL(file, import.meta.url).pathname));

/**
 * Address space of data that a cell needs before an agent adds to it: two isolates reserve about
 * 1.2 GB, measured on Deno 2.9.6.
 */
const BASE_DATA_BYTES = 1_500_000_000;
const HEAP_MB_MIN = 32;

export interface CellOptions {
  /** Names the cell's sockets in `folder`. */
  id: number;
  /** Short path of a private folder for sockets. */
  folder: string;
  permissions: Permissions;
  workDir: string;
  memoryMb: number;
  guards: Guards;
  /** Longest line that the worker may send, in bytes. */
  lineBytesMax: number;
  events: CellProcessEvents;
}

/** What a cell and its worker say, decoded. */
export interface CellProcessEvents {
  onReady(): void;
  /** JSON text from the worker. */
  onFrame(text: string): void;
  /** For how long the worker has owed an answer to a ping. */
  onSilence(ms: number): void;
  onTrouble(trouble: Trouble): void;
  onDenial(denial: Denial): void;
  /** The process is gone. Called once, last. */
  onExit(cause: ExitCause): void;
}

/** Reasons to kill a cell that the cell itself found. */
export interface Trouble {
  type: "error" | "ended" | "flood";
  message: string;
}

/** What a worker may send within one second. Honest ones stay far below: they send in batches. */
const LINES_PER_SECOND_MAX = 50_000;
const CHARS_PER_SECOND_MAX = 256 * 1024 * 1024;
/** From the cell's main thread: an error's text is the longest. */
const CONTROL_LINE_BYTES_MAX = 65_536;
/** Between a worker's end and that of its cell: what either has still to say arrives meanwhile. */
const LAST_WORDS_MS = 50;

export class CellProcess {
  readonly #options: CellOptions;
  readonly #child: Deno.ChildProcess;
  readonly #broker: Broker;
  /** Where it may start programs. */
  readonly #descendants: Descendants | null;
  readonly #stderr: StderrTail;
  /** To the cell's main thread: is the worker alive? */
  readonly #control: CellSocket;
  /** To the worker itself: what is between the two is a thread less to wake. */
  readonly #worker: CellSocket;
  #isGone = false;
  #lastWords: ReturnType<typeof setTimeout> | undefined;
  #window = { endsAt: 0, lines: 0, chars: 0 };

  /** Starts the process. Throws what `Deno.Command` throws when it cannot. */
  constructor(options: CellOptions) {
    this.#options = options;
    const { folder, id, lineBytesMax } = options;
    const paths = {
      control: `${folder}/c${id}`,
      worker: `${folder}/w${id}`,
      broker: `${folder}/b${id}`,
    };
    const sockets = [paths.control, paths.worker];
    this.#broker = new Broker({
      path: paths.broker,
      permissions: { ...options.permissions, run: resolvePrograms(options.permissions.run) },
      workDir: options.workDir,
      startup: {
        read: [...BOOT_FILES, ...sockets],
        write: sockets,
        net: sockets.map((path) => `unix:${path}`),
      },
      onDenial: options.events.onDenial,
      onRun: () => this.#descendants?.expect(),
    });
    this.#control = new CellSocket({
      path: paths.control,
      lineBytesMax: CONTROL_LINE_BYTES_MAX,
      onLine: (line) => this.#onControl(line),
    });
    this.#worker = new CellSocket({
      path: paths.worker,
      lineBytesMax,
      onLine: (line) => this.#onFrame(line),
    });
    try {
      this.#child = cellCommand(options, paths).spawn();
    } catch (error) {
      void this.#broker.close();
      this.#control.close();
      this.#worker.close();
      throw error;
    }
    const mayRun = options.permissions.run.length > 0;
    this.#descendants = mayRun ? new Descendants(this.#child.pid, `${paths.broker}\0`) : null;
    this.#stderr = new StderrTail(
      this.#child.stderr,
      () => options.events.onTrouble({ type: "flood", message: "more text than it may" }),
    );
    void this.#control.ended.then(() => this.kill());
    void this.#worker.ended.then(() => this.#endSoon());
    void this.#awaitExit();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Accesses that were denied so far. */
  get denials(): number {
    return this.#broker.denials;
  }

  /** Sends a frame to the worker. Frames to a cell that is gone are dropped. */
  send(frame: string): void {
    this.#worker.write(frame);
  }

  /** Characters that the worker has not read yet. */
  get unreadChars(): number {
    return this.#worker.waitingChars;
  }

  /** Asks the cell's main thread whether the worker answers; `onSilence` follows. */
  ping(): void {
    this.#control.write("p");
  }

  /** From now on only the agent's grants count. Call it before the agent's code is sent. */
  endStartup(): void {
    this.#broker.endStartup();
  }

  /** SIGKILL to the cell and to what it started. `onExit` follows. */
  kill(): void {
    if (this.#isGone) return;
    this.#descendants?.note();
    // The cell leads a process group of its own: programs that the agent started end with it.
    if (!signal(-this.pid)) signal(this.pid);
  }

  #onFrame(text: string): void {
    if (this.#isGone || this.#isFlood(text.length)) return;
    this.#options.events.onFrame(text);
  }

  /** Counts a line of the worker; the first one too many is its last. */
  #isFlood(chars: number): boolean {
    const window = this.#window;
    const now = performance.now();
    if (now >= window.endsAt) this.#window = { endsAt: now + 1_000, lines: 1, chars };
    else {
      window.lines++;
      window.chars += chars;
    }
    if (window.lines <= LINES_PER_SECOND_MAX && window.chars <= CHARS_PER_SECOND_MAX) return false;
    this.#options.events.onTrouble({ type: "flood", message: "more frames than it may" });
    return true;
  }

  #onControl(line: string): void {
    const { events } = this.#options;
    const text = line.slice(1);
    switch (line[0]) {
      case "p":
        return events.onSilence(Number(text));
      case "r":
        return events.onReady();
      case "e":
        return this.#tellLast({ type: "error", message: toPlainText(text) });
      case "f":
        return events.onTrouble({ type: "flood", message: text });
      case "x":
        return this.#tellLast({ type: "ended", message: "the worker ended itself" });
    }
  }

  /** Results that the worker sent before its end count: they are read first. */
  #tellLast(trouble: Trouble): void {
    const tell = () => {
      clearTimeout(timer);
      if (!this.#isGone) this.#options.events.onTrouble(trouble);
    };
    const timer = setTimeout(tell, LAST_WORDS_MS);
    void this.#worker.ended.then(tell);
  }

  #endSoon(): void {
    if (!this.#isGone) this.#lastWords = setTimeout(() => this.kill(), LAST_WORDS_MS);
  }

  async #awaitExit(): Promise<void> {
    const status = await this.#child.status;
    this.#isGone = true;
    // Programs that the agent left behind, in the cell's process group and elsewhere.
    if (this.#descendants !== null) signal(-this.pid);
    this.#descendants?.kill();
    clearTimeout(this.#lastWords);
    this.#control.close();
    this.#worker.close();
    await Promise.all([this.#broker.close(), this.#control.ended, this.#worker.ended]);
    const stderr = await this.#stderr.close();
    this.#options.events.onExit(describeExit(status, stderr));
  }
}

function signal(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/** Sockets of one cell. */
interface SocketPaths {
  control: string;
  worker: string;
  broker: string;
}

function cellCommand(options: CellOptions, paths: SocketPaths): Deno.Command {
  const { guards, memoryMb, permissions } = options;
  const deno = [Deno.execPath(), ...denoArgs(options, paths)];
  const dataBytes = BASE_DATA_BYTES + memoryMb * 1024 * 1024;
  const command = [
    ...(guards.setpriv === null ? [] : [guards.setpriv, "--pdeathsig", "KILL", "--"]),
    ...(guards.prlimit === null ? [] : [guards.prlimit, `--data=${dataBytes}`, "--core=0", "--"]),
    ...deno,
  ];
  return new Deno.Command(command[0]!, {
    args: command.slice(1),
    cwd: options.workDir,
    clearEnv: true,
    env: { ...cellEnvironment(permissions), DENO_PERMISSION_BROKER_PATH: paths.broker },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    // A session of its own: Ctrl-C at the node's terminal is for the node to handle.
    detached: true,
  });
}

function denoArgs({ permissions, memoryMb }: CellOptions, paths: SocketPaths): string[] {
  const sockets = [paths.control, paths.worker];
  return [
    "run",
    "--no-config",
    "--no-lock",
    "--cached-only",
    "--no-prompt",
    "--quiet",
    "--unstable-worker-options",
    "--unstable-raw-imports",
    `--v8-flags=--max-heap-size=${Math.max(HEAP_MB_MIN, memoryMb)}`,
    // Not looked at while the broker answers; what would hold if there were none.
    ...permissionFlags(withSockets(permissions, sockets)),
    BOOT_FILES[0]!,
    ...sockets,
    JSON.stringify(workerPermissions(permissions)),
  ];
}

function withSockets(permissions: Permissions, sockets: readonly string[]): Permissions {
  return {
    ...permissions,
    read: [...permissions.read, ...sockets],
    write: [...permissions.write, ...sockets],
  };
}

/** The key ring of actors, as JSON. Whatever a file grants, no cell gets to see it. */
export const KEYS_VARIABLE = "DENIZEN_ACTOR_KEYS";

/** Where Deno finds its cache, what it prints, and the variables that the agent was granted. */
function cellEnvironment(permissions: Permissions): Record<string, string> {
  const names = ["DENO_DIR", "HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"];
  if (permissions.net.length > 0) names.push("DENO_CERT", "DENO_TLS_CA_STORE", "SSL_CERT_FILE");
  if (permissions.run.length > 0) names.push("PATH");
  const granted = isBlank(permissions) ? [] : grantedNames(permissions.env);
  const environment: Record<string, string> = {
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    // So that a program is found, and denied by name, also where none is granted.
    PATH: "/usr/bin:/bin",
  };
  for (const name of [...names, ...granted]) {
    const value = name === KEYS_VARIABLE ? undefined : Deno.env.get(name);
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function grantedNames(grants: string[]): string[] {
  const known = grants.some((grant) => grant.endsWith("*")) ? Object.keys(Deno.env.toObject()) : [];
  return grants.flatMap((grant) =>
    grant.endsWith("*") ? known.filter((name) => name.startsWith(grant.slice(0, -1))) : [grant]
  );
}
