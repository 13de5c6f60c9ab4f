/**
 * `backup` and `restore` as a user has them, beside a process that works.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStores } from "../../runtime/node/open_store.ts";
import {
  denizen,
  denizenArgs,
  type Finished,
  startDenizen,
  withFolder,
} from "./denizen_process.ts";
import { dataDir, FLOW_FILES, until } from "./flows.ts";

interface ListedRun {
  runId: string;
  status: string;
}

function command(cwd: string, ...args: string[]): Promise<Finished> {
  return denizen(args, { cwd });
}

async function succeed(cwd: string, ...args: string[]): Promise<string> {
  const { code, out, err } = await command(cwd, ...args);
  assert.equal(code, 0, err);
  return out;
}

async function listRuns(cwd: string, data: string): Promise<ListedRun[]> {
  const out = await succeed(cwd, "runs", "list", "--limit", "1000", "--json", "--data", data);
  return JSON.parse(out).items;
}

/** Runs workflows one after the other until it is told to stop. */
async function runInALoop(cwd: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await succeed(cwd, "run", "flow.yaml", "-i", "ms=20", "-q");
}

Deno.test("denizen backup copies a store that works; restore gives the runs back", () =>
  withFolder(FLOW_FILES, async (cwd) => {
    const stop = new AbortController();
    const loops = [runInALoop(cwd, stop.signal), runInALoop(cwd, stop.signal)];
    const isClosed = ({ status }: ListedRun) => status === "completed";
    await until(async () => (await listRuns(cwd, ".denizen")).filter(isClosed).length >= 2 || null);
    const before = (await listRuns(cwd, ".denizen")).filter(isClosed);
    const long = startDenizen(["run", "flow.yaml", "-i", "ms=8000", "--id", "long"], cwd);
    await long.saw("first");
    const told = JSON.parse(await succeed(cwd, "backup", "one.backup", "--json"));
    stop.abort();
    long.child.kill("SIGKILL");
    await Promise.all([...loops, long.finished]);
    const verified = JSON.parse(await succeed(cwd, "backup", "--verify", "one.backup", "--json"));
    assert.deepEqual(verified, told);
    await succeed(cwd, "restore", "one.backup", "--data", "other");

    const restored = await listRuns(cwd, "other");
    assert.equal(restored.length, told.counts.run);
    for (const { runId } of before) {
      assert.ok(restored.some((run) => run.runId === runId), `${runId} was closed before`);
      const [here, there] = await Promise.all(
        [".denizen", "other"].map((data) => succeed(cwd, "runs", "export", runId, "--data", data)),
      );
      assert.equal(there, here);
      assert.equal(
        await succeed(cwd, "runs", "show", runId, "--data", "other"),
        await succeed(cwd, "runs", "show", runId),
      );
    }
    const open = restored.filter((run) => !isClosed(run));
    assert.ok(open.length > 0, "the long one was under way");
    await succeed(cwd, "runs", "resume", "-q", "--data", "other");
    assert.deepEqual((await listRuns(cwd, "other")).filter((run) => !isClosed(run)), []);
    const names = [...Deno.readDirSync(cwd)].map(({ name }) => name).sort();
    assert.deepEqual(names, [".denizen", "flow.yaml", "one.backup", "other", "worker.ts"]);
  }));

Deno.test("denizen backup and restore tell what is wrong, and write nothing", () =>
  withFolder(FLOW_FILES, async (cwd) => {
    const refused = async (status: number, code: string, ...args: string[]) => {
      const { code: found, err } = await command(cwd, ...args);
      assert.equal(found, status, err);
      assert.match(err, new RegExp(`^error: .*\\[${code}\\]\\nhint: `));
    };
    await refused(2, "DATA_DIR_MISSING", "backup", "one");
    await refused(2, "BACKUP_UNREADABLE", "backup", "--verify", "flow.yaml");
    await refused(2, "BACKUP_UNREADABLE", "restore", "none");
    await succeed(cwd, "run", "flow.yaml", "-q");
    const text = await succeed(cwd, "backup", "one");
    assert.match(
      text,
      /^Made and checked "one"\nmade at .*from kv, \d+ bytes\nsha256 [0-9a-f]{64}\n/,
    );
    assert.match(text, /^ +1 {2}run$/m);
    await refused(1, "FILE_EXISTS", "backup", "one");
    await refused(1, "RESTORE_NOT_EMPTY", "restore", "one");
    await refused(4, "FILE_NOT_WRITTEN", "backup", "none/one");
    const bytes = await Deno.readFile(join(cwd, "one"));
    bytes[bytes.length >> 1]! ^= 1;
    await Deno.writeFile(join(cwd, "one"), bytes);
    await refused(1, "BACKUP_CORRUPT", "backup", "one", "--verify");
    await refused(1, "BACKUP_CORRUPT", "restore", "one", "--data", "other");
    await succeed(cwd, "backup", "one", "--force");
    await succeed(cwd, "backup", "one", "--verify");
    const names = [...Deno.readDirSync(cwd)].map(({ name }) => name).sort();
    assert.deepEqual(names, [".denizen", "flow.yaml", "one", "worker.ts"]);
  }));

/** A state directory with 40 MB that do not get smaller. */
async function fillDataDir(cwd: string): Promise<void> {
  const { runs, close } = await openStores({ dataDir: dataDir(cwd) });
  for (let n = 0; n < 40; n++) {
    const bytes = new Uint8Array(1_000_000);
    for (let at = 0; at < bytes.length; at += 50_000) {
      crypto.getRandomValues(bytes.subarray(at, at + 50_000));
    }
    await runs.putBlob(bytes);
  }
  await close();
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("denizen backup that is stopped, or has no room, leaves nothing behind", () =>
  withFolder({}, async (cwd) => {
    await fillDataDir(cwd);
    const stopped = startDenizen(["backup", "one"], cwd);
    const isWriting = () => namesIn(cwd).some((name) => name.endsWith(".part")) || null;
    await until(isWriting);
    stopped.child.kill("SIGINT");
    const { code, err } = await stopped.finished;
    assert.deepEqual([code, err], [130, "Stopped; nothing was left behind\n"]);
    assert.deepEqual(namesIn(cwd), [".denizen"]);
    // A file may get 20 MB long; signals of it are ignored, so that the write fails.
    const limited = 'trap "" XFSZ; ulimit -f 40000; exec "$0" "$@"';
    const full = await new Deno.Command("sh", {
      args: ["-c", limited, Deno.execPath(), ...denizenArgs(["backup", "one"])],
      cwd,
      env: { NO_COLOR: "1" },
    }).output();
    const told = new TextDecoder().decode(full.stderr);
    assert.equal(full.code, 4, told);
    assert.match(told, /\[FILE_NOT_WRITTEN\]\nhint: /);
    assert.deepEqual(namesIn(cwd), [".denizen"]);
  }));
