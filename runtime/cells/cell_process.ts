/**
 * One cell: a process with exact rights, a socket to it, its broker, and the end of it.
 *
 * @module
 */
import { isBlank, permissionFlags, workerPermissions } from "../../actors/permissions.ts";
import type { Permissions } from "../../actors/manifest.ts";
import { toPlainText } from "../../actors/frames.ts";
import { LineSplitter } from "./boot/lines.ts";
import { LineWriter } from "./boot/line_writer.ts";
import { Broker, type Denial } from "./broker.ts";
import { describeExit, type ExitCause } from "./exit_cause.ts";
import type { Guards } from "./limits.ts";
import { resolvePrograms } from "./programs.ts";
import { StderrTail } from "./stderr_tail.ts";

/** Files that a cell reads at its start; nothing else may be read before the agent's grants count. */
const BOOT_FILES = [
  "./boot/cell_main.ts",
  "./boot/worker_main.ts",
  "./boot/context.ts",
  "./boot/failure.ts",
  "./boot/find_unfit.ts",
  "./boot/lines.ts",
  "./boot/line_writer.ts",
  "./boot/locks.ts",
  "../../actors/frames.ts",
  "../../core/json.ts",
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

/** Letters of `boot/cell_main.ts`, decoded. */
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

/** Lines that are handled before the event loop gets a turn, in characters. */
const TURN_CHARS_MAX = 1024 * 1024;

export class CellProcess {
  readonly #options: CellOptions;
  readonly #child: Deno.ChildProcess;
  readonly #broker: Broker;
  readonly #stderr: StderrTail;
  readonly #listener: Deno.UnixListener;
  #writer: LineWriter | null = null;
  #connection: Deno.UnixConn | null = null;
  readonly #serving: Promise<void>;
  #isGone = false;

  /** Starts the process. Throws what `Deno.Command` throws when it cannot. */
  constructor(options: CellOptions) {
    this.#options = options;
    const socketPath = `${options.folder}/c${options.id}`;
    const brokerPath = `${options.folder}/b${options.id}`;
    this.#broker = new Broker({
      path: brokerPath,
      permissions: { ...options.permissions, run: resolvePrograms(options.permissions.run) },
      workDir: options.workDir,
      startup: {
        read: [...BOOT_FILES, socketPath],
        write: [socketPath],
        net: [`unix:${socketPath}`],
      },
      onDenial: options.events.onDenial,
    });
    this.#listener = Deno.listen({ transport: "unix", path: socketPath });
    try {
      this.#child = cellCommand(options, socketPath, brokerPath).spawn();
    } catch (error) {
      void this.#broker.close();
      this.#listener.close();
      throw error;
    }
    this.#stderr = new StderrTail(
      this.#child.stderr,
      () => options.events.onTrouble({ type: "flood", message: "more text than it may" }),
    );
    this.#serving = this.#serve();
    void this.#awaitExit();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Accesses that were denied so far. */
  get denials(): number {
    return this.#broker.denials;
  }

  /** Sends one line. Lines to a cell that is gone are dropped. */
  send(line: string): void {
    this.#writer?.write(line);
  }

  /** From now on only the agent's grants count. Call it before the agent's code is sent. */
  endStartup(): void {
    this.#broker.endStartup();
  }

  /** SIGKILL to the cell and to what it started. `onExit` follows. */
  kill(): void {
    if (this.#isGone) return;
    // The cell leads a process group of its own: programs that the agent started end with it.
    if (!signal(-this.pid)) signal(this.pid);
  }

  async #serve(): Promise<void> {
    try {
      const connection = this.#connection = await this.#listener.accept();
      this.#listener.close();
      this.#writer = new LineWriter(connection, () => this.kill());
      await this.#read(connection);
    } catch {
      // A broken socket or a line beyond all limits. The exit tells the rest.
    }
    this.kill();
  }

  async #read(connection: Deno.UnixConn): Promise<void> {
    const lines = new LineSplitter(this.#options.lineBytesMax);
    const buffer = new Uint8Array(65_536);
    let turnChars = 0;
    for (;;) {
      const count = await connection.read(buffer);
      if (count === null || this.#isGone) return;
      for (const line of lines.push(buffer.subarray(0, count))) {
        this.#onLine(line);
        turnChars += line.length;
        if (turnChars < TURN_CHARS_MAX) continue;
        turnChars = 0;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
  }

  #onLine(line: string): void {
    const { events } = this.#options;
    switch (line[0]) {
      case "w":
        return events.onFrame(line.slice(1));
      case "p":
        return events.onSilence(Number(line.slice(1)));
      case "r":
        return events.onReady();
      case "e":
        return events.onTrouble({ type: "error", message: toPlainText(line.slice(1)) });
      case "f":
        return events.onTrouble({ type: "flood", message: line.slice(1) });
      case "x":
        return events.onTrouble({ type: "ended", message: "the worker ended itself" });
    }
  }

  async #awaitExit(): Promise<void> {
    const status = await this.#child.status;
    this.#isGone = true;
    // Programs that the agent left behind in the cell's process group.
    if (this.#options.permissions.run.length > 0) signal(-this.pid);
    closeQuietly(this.#listener);
    if (this.#connection !== null) closeQuietly(this.#connection);
    await Promise.all([this.#broker.close(), this.#serving]);
    const stderr = await this.#stderr.close();
    this.#options.events.onExit(describeExit(status, stderr));
  }
}

function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Closed before.
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

function cellCommand(
  options: CellOptions,
  socketPath: string,
  brokerPath: string,
): Deno.Command {
  const { guards, memoryMb, permissions } = options;
  const deno = [Deno.execPath(), ...denoArgs(options, socketPath)];
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
    env: { ...cellEnvironment(permissions), DENO_PERMISSION_BROKER_PATH: brokerPath },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    // A session of its own: Ctrl-C at the node's terminal is for the node to handle.
    detached: true,
  });
}

function denoArgs({ permissions, memoryMb }: CellOptions, socketPath: string): string[] {
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
    ...permissionFlags(withSocket(permissions, socketPath)),
    BOOT_FILES[0]!,
    socketPath,
    JSON.stringify(workerPermissions(permissions)),
  ];
}

function withSocket(permissions: Permissions, socketPath: string): Permissions {
  return {
    ...permissions,
    read: [...permissions.read, socketPath],
    write: [...permissions.write, socketPath],
  };
}

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
    const value = Deno.env.get(name);
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
