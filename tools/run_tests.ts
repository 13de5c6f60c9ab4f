/**
 * `deno task test [FILE…]`: runs `deno test` over the repository with both sanitizers, shows its
 * output as it comes, and prints the runner's own counts alone on the last line.
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

async function main(args: string[]): Promise<number> {
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
  const counts = readCounts(output) ?? countLines(output, code);
  // A runner that was stopped leaves its line open: the counts stand on one of their own.
  console.log(`${output.endsWith("\n") ? "" : "\n"}${formatCounts(counts)}`);
  return code !== 0 ? code : counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
