/**
 * `deno task test [FILE…] [--again]`: runs `deno test` over the repository with both sanitizers,
 * shows its output as it comes, and prints the runner's own counts alone on the last line.
 *
 * With `--again`, few files of `tests/` and `runtime/` that failed run once more, alone: these drive
 * processes and browsers, which a busy machine can starve. What passes then is named as flaky, never in silence.
 *
 * Types are not checked here: `deno task check` does that.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";

/** What the runner says that it ran. */
export interface Counts {
  passed: number;
  failed: number;
  ignored: number;
}

/**
 * Counts of the last closing line in the output of `deno test`, such as
 * `FAILED | 1 passed (3 steps) | 2 failed | 1 ignored (103ms)`; `null` without one.
 */
export function readCounts(output: string): Counts | null {
  const closing = stripVTControlCharacters(output).split("\n")
    .findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line));
  if (closing === undefined) return null;
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(closing)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}

/** Without a closing line the runner itself broke down: what it told so far, and one failure more. */
function countLines(output: string, code: number): Counts {
  const lines = stripVTControlCharacters(output).split("\n");
  const count = (pattern: RegExp) => lines.filter((line) => pattern.test(line)).length;
  return {
    passed: count(/ \.\.\. ok \(/),
    failed: count(/ \.\.\. FAILED \(/) + (code === 0 ? 0 : 1),
    ignored: count(/ \.\.\. ignored \(/),
  };
}

/** `3 passed, 0 failed`, with `, 1 skipped` where the runner ignored some. */
export function formatCounts({ passed, failed, ignored }: Counts): string {
  return `${passed} passed, ${failed} failed${ignored > 0 ? `, ${ignored} skipped` : ""}`;
}

/** More files than these do not fail by chance. */
const FILES_AGAIN_MAX = 3;

/**
 * The files that may run again: those that failed, if they are few and none is of pure code, which
 * fails by its own fault only.
 */
export function filesToRunAgain(output: string): string[] {
  const lines = stripVTControlCharacters(output).split("\n");
  const heading = lines.lastIndexOf(" FAILURES ");
  const files = (heading < 0 ? [] : lines.slice(heading)).flatMap((line) =>
    / => \.\/(.+):\d+:\d+$/.exec(line)?.[1] ??
      /^\.\/(.+) \(uncaught error\)$/.exec(line)?.[1] ?? []
  );
  const unique = [...new Set(files)];
  const isEligible = unique.length <= FILES_AGAIN_MAX &&
    unique.every((file) => /^(tests|runtime)\//.test(file));
  return isEligible ? unique : [];
}

/** A runner that says nothing for so long hangs in a test. */
const SILENCE_MS_MAX = 10 * 60_000;

/** Copies the stream to our standard output and returns its text; `onSilence` when it stops. */
async function show(
  stream: ReadableStream<Uint8Array>,
  silenceMs: number,
  onSilence: () => void,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let timer = setTimeout(onSilence, silenceMs);
  for await (const chunk of stream) {
    clearTimeout(timer);
    timer = setTimeout(onSilence, silenceMs);
    chunks.push(chunk);
    for (let written = 0; written < chunk.length;) {
      written += await Deno.stdout.write(chunk.subarray(written));
    }
  }
  clearTimeout(timer);
  return await new Blob(chunks as BlobPart[]).text();
}

/** What a pass of the runner came to. */
interface Pass {
  code: number;
  output: string;
  counts: Counts;
}

async function runPass(args: string[]): Promise<Pass> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--sanitize-ops", "--sanitize-resources", ...args],
    env: Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {},
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const silenceMs = Number(Deno.env.get("DENIZEN_TEST_SILENCE_MS") ?? SILENCE_MS_MAX);
  const stop = () => {
    console.error(`\nNo output for ${silenceMs} ms: the test named last hangs and is stopped`);
    child.kill("SIGKILL");
  };
  const [output, { code }] = await Promise.all([show(child.stdout, silenceMs, stop), child.status]);
  // A runner that was stopped leaves its line open: what follows stands on one of its own.
  if (!output.endsWith("\n")) console.log();
  return { code, output, counts: readCounts(output) ?? countLines(output, code) };
}

/** Runs the files of a pass that failed once more; its counts are then those of the second end. */
async function runAgain(first: Pass): Promise<Pass> {
  const files = filesToRunAgain(first.output);
  if (first.code === 0 || files.length === 0) return first;
  console.log(`Run again, alone: ${files.join(", ")}`);
  const second = await runPass(files);
  if (second.code !== 0) return first;
  const { passed, failed, ignored } = first.counts;
  console.log(`FLAKY: failed, then passed alone: ${files.join(", ")}`);
  return { ...second, counts: { passed: passed + failed, failed: 0, ignored } };
}

async function main(args: string[]): Promise<number> {
  const first = await runPass(args.filter((arg) => arg !== "--again"));
  const { code, counts } = args.includes("--again") ? await runAgain(first) : first;
  console.log(formatCounts(counts));
  return code !== 0 ? code : counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
