import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { collectBlobs } from "../../runtime/archive/collect_blobs.ts";
import { blobNames } from "../../runtime/store/blob_names.ts";
import { openLoadStore } from "./open_load_store.ts";

export interface LoadOptions {
  /** A KV file, or a URL of PostgreSQL. */
  place: string;
  durationMs: number;
  writers?: number;
  collectors?: number;
  /** What is made wrong on purpose, to see that it is noticed. */
  defect?: "epochless" | "unchecked";
}

/** What came of it. */
export interface LoadReport {
  /** What each process printed last. */
  writers: Record<string, unknown>[];
  collectors: { collections: number; dropped: number; refused: number }[];
  /** Whether all writers have found what they had named. */
  isWhole: boolean;
  /** Names in the store of which the blob is missing. */
  missing: string[];
  /** Blobs at the end, and those that nothing names after two more collections. */
  blobs: number;
  garbage: number;
}

/** Longer than an epoch of this load: what was put is old by the time that it is named. */
const SLOW_MS = 300;

/** Puts, names and deletes blobs in several processes while others collect them. */
export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const { place, durationMs, writers = 3, collectors = 2, defect } = options;
  const collecting = Array.from(
    { length: collectors },
    () => start("collect_in_a_loop.ts", [place, "30", defect ?? ""], "piped"),
  );
  const writing = Array.from({ length: writers }, (_, partition) => {
    const args = [place, String(partition), String(durationMs), String(SLOW_MS), defect ?? ""];
    return start("put_and_drop.ts", args, "null");
  });
  const over = new AbortController();
  const pausing = pauseInTurn(writing, over.signal);
  const wrote = await Promise.all(writing.map(ended));
  over.abort();
  await pausing;
  for (const child of collecting) await child.stdin.close();
  const collected = await Promise.all(collecting.map(ended));
  const broken = collected.find(({ code }) => code !== 0);
  if (broken !== undefined) throw new Error(`a collector failed: ${broken.text}`);
  return {
    writers: wrote.map(({ report }) => report),
    collectors: collected.map(({ report }) => report as LoadReport["collectors"][number]),
    isWhole: wrote.every(({ code }) => code === 0),
    ...await inspect(place),
  };
}

/** Whether the load finds out a defect: by chance, so that it has up to five trials. */
export async function isNoticed(
  options: LoadOptions & Required<Pick<LoadOptions, "defect">>,
): Promise<boolean> {
  for (let trial = 0; trial < 5; trial++) {
    const { isWhole, missing } = await runLoad(options);
    if (!isWhole || missing.length > 0) return true;
  }
  return false;
}

/** Stops one process after the other for longer than some epochs. */
async function pauseInTurn(
  children: readonly Deno.ChildProcess[],
  signal: AbortSignal,
): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal }).catch(() => {});
  for (let turn = 0; !signal.aborted; turn++) {
    const child = children[turn % children.length]!;
    await pause(300);
    send(child, "SIGSTOP");
    await pause(400);
    send(child, "SIGCONT");
  }
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}

function start(
  script: string,
  args: readonly string[],
  stdin: "piped" | "null",
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--unstable-kv", join(import.meta.dirname!, script), ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function ended(
  child: Deno.ChildProcess,
): Promise<{ code: number; text: string; report: Record<string, unknown> }> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  const lines = decoder.decode(stdout).trimEnd().split("\n");
  const text = lines.at(-1) || decoder.decode(stderr);
  const report = text.startsWith("{") ? JSON.parse(text) : { text };
  return { code, text, report };
}

async function inspect(place: string) {
  const { blobs, close } = await openLoadStore(place);
  const named = new Set<string>();
  for await (const text of blobs.texts()) for (const name of blobNames(text)) named.add(name);
  const heads = new Map((await Array.fromAsync(blobs.heads())).map((head) => [head.sha256, head]));
  const missing = [...named].filter((name) => !heads.has(name));
  for (const name of named) {
    if (!heads.get(name)?.mayName) continue;
    for (const other of blobNames(await blobs.read(name))) named.add(other);
  }
  missing.push(...[...named].filter((name) => !heads.has(name) && !missing.includes(name)));
  for (let n = 0; n < 3; n++) await collectBlobs(blobs, { now: Date.now });
  const left = await Array.fromAsync(blobs.heads());
  await close();
  const garbage = left.filter(({ sha256 }) => !named.has(sha256)).length;
  return { missing, blobs: left.length, garbage };
}
