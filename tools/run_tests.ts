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

/** `3 passed, 0 failed`, with `, 1 skipped` where the runner ignored some. */
export function formatCounts({ passed, failed, ignored }: Counts): string {
  return `${passed} passed, ${failed} failed${ignored > 0 ? `, ${ignored} skipped` : ""}`;
}

/** Copies the stream to our standard output and returns its text. */
async function show(stream: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
    for (let written = 0; written < chunk.length;) {
      written += await Deno.stdout.write(chunk.subarray(written));
    }
  }
  return await new Blob(chunks as BlobPart[]).text();
}

async function main(args: string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--sanitize-ops", "--sanitize-resources", ...args],
    env: Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {},
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const [output, { code }] = await Promise.all([show(child.stdout), child.status]);
  // Without a closing line the runner itself broke down: that is a failure too.
  const counts = readCounts(output) ?? { passed: 0, failed: code === 0 ? 0 : 1, ignored: 0 };
  console.log(formatCounts(counts));
  return code !== 0 ? code : counts.failed > 0 || counts.passed === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
