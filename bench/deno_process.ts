import { ROOT } from "./lab.ts";

/** The Deno that runs this. */
export const DENO = Deno.execPath();

/** A process that is measured, or helps to. */
export interface DenoProcess {
  pid: number;
  /** The next line that matches; everything is read, so that no pipe fills. */
  line(pattern: RegExp): Promise<string>;
  /** Ends its standard input. */
  endInput(): Promise<void>;
  /** Asks it to end, and waits for it. */
  stop(): Promise<void>;
}

/** Runs a module of the repository; both outputs count as one. */
export function startDeno(args: readonly string[]): DenoProcess {
  const child = new Deno.Command(DENO, {
    args: ["run", "-A", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines = new Lines();
  const reading = Promise.all([child.stdout, child.stderr].map((pipe) => lines.read(pipe)))
    .then(() => lines.end());
  let hasInput = true;
  const endInput = async () => {
    if (hasInput) await child.stdin.close().catch(() => {});
    hasInput = false;
  };
  return {
    pid: child.pid,
    line: (pattern) => lines.next(pattern),
    endInput,
    stop: async () => {
      await endInput();
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended.
      }
      await child.status;
      await reading;
    },
  };
}

/** Lines as they come. */
class Lines {
  readonly #seen: string[] = [];
  readonly #waiting = new Set<() => void>();
  #at = 0;
  #hasEnded = false;

  async read(pipe: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of pipe.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop()!;
      this.#seen.push(...lines);
      this.#wake();
    }
    this.#seen.push(rest);
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  async next(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#seen.findIndex((line, at) => at >= this.#at && pattern.test(line));
      if (found >= 0) {
        this.#at = found + 1;
        return this.#seen[found]!;
      }
      if (this.#hasEnded) throw new Error(`It ended:\n${this.#seen.slice(-30).join("\n")}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
