import assert from "node:assert/strict";
import { join } from "node:path";
import { backUp } from "../../runtime/backup/mod.ts";
import type { BackupKind, RecordOf } from "../../runtime/backup/backup_record.ts";
import type { StorePlace } from "../../runtime/node/open_store.ts";
import { recordsOf } from "./content.ts";

const BACKUPS = 4;

/** Backs up a store to which another process writes all the time, and looks at what was seen. */
export async function checkOneInstant(folder: string, place: StorePlace): Promise<void> {
  const script = join(import.meta.dirname!, "write_in_a_loop.ts");
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", script, place.dataDir, ...(place.store === undefined ? [] : [place.store])],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = writer.stdout.getReader();
  assert.equal((await output.read()).done, false, "it writes");
  const seen: number[] = [];
  for (let at = 0; at < BACKUPS; at++) {
    const file = join(folder, `${at}.backup`);
    await backUp(place, file);
    seen.push(await checkBackup(file));
  }
  await writer.stdin.close();
  await output.cancel();
  assert.equal((await writer.status).code, 0);
  assert.ok(seen.at(-1)! > seen[0]!, `it wrote meanwhile: ${seen}`);
}

/** How many rounds of the writer the backup has seen, all of each. */
async function checkBackup(file: string): Promise<number> {
  const records = await recordsOf(file);
  const of = <Kind extends BackupKind>(kind: Kind) =>
    records.filter((record): record is RecordOf<Kind> => record.kind === kind);
  const [partition] = of("partition");
  const rounds = of("run").length;
  assert.deepEqual(
    of("segment").map(({ seq }) => seq),
    Array.from({ length: rounds }, (_, at) => at + 1),
  );
  assert.deepEqual([partition!.nextSeq, partition!.lowWater], [rounds + 1, rounds]);
  // Each append takes one wish out; the next one may be there already.
  const wishes = of("command").map(({ bytes }) => JSON.parse(new TextDecoder().decode(bytes)).n);
  const expected = [[rounds], [rounds, rounds + 1]];
  assert.ok(expected.some((one) => String(one) === String(wishes)), `${rounds}: ${wishes}`);
  const [system] = of("system");
  const commits = system!.nextSegment - 1;
  assert.ok(commits === rounds || commits === rounds - 1, `${rounds} and ${commits}`);
  assert.deepEqual(of("state").map(({ version }) => version), [commits, commits, commits]);
  assert.equal(of("message").length, commits);
  assert.equal(of("topic")[0]!.nextPosition, commits);
  return rounds;
}
