import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { denizen, denizenArgs, startDenizen, withFolder } from "./denizen_process.ts";
import { dataDir, FLOW, FLOW_FILES, untilRunning } from "./flows.ts";

/** Starts a run and leaves it to the test: the id is read from the run list. */
function startRun(cwd: string, args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: denizenArgs(["run", "flow.yaml", ...args]),
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function listed(cwd: string): Promise<{ runId: string; status: string }[]> {
  return JSON.parse((await denizen(["runs", "list", "--json"], { cwd })).out).items;
}

Deno.test("run completes: output on stdout, one line a state change on stderr, exit 0", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const { code, out, err } = await denizen(["run", "flow.yaml"], { cwd });
    assert.equal(code, 0, err);
    assert.equal(out, "count: 3\n");
    assert.match(err, /^\d\d:\d\d:\d\d first running \(agent worker\)$/m);
    assert.match(err, /^\d\d:\d\d:\d\d each\[2\] completed \(agent worker, \d+ms\)$/m);
    assert.match(err, /^✓ small completed after [\d.]+m?s · 3 tasks, 3 items$/m);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(err, /\u001b/);
  });
});

Deno.test("run --json prints exactly the document of the contract", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const { code, out } = await denizen(["run", "flow.yaml", "--json", "-i", "items=[4]"], { cwd });
    assert.equal(code, 0);
    const run = JSON.parse(out);
    assert.deepEqual(Object.keys(run).sort(), [
      "error",
      "finishedAt",
      "input",
      "output",
      "runId",
      "startedAt",
      "status",
      "tasks",
      "version",
      "workflow",
    ]);
    assert.deepEqual(run.output, { count: 1 });
    assert.deepEqual(run.input, { ms: 1, items: [4], stubborn: false });
    const first = run.tasks.find((task: { id: string }) => task.id === "first");
    for (
      const key of [
        "id",
        "status",
        "attempts",
        "agent",
        "reason",
        "startedAt",
        "finishedAt",
        "error",
      ]
    ) assert.ok(key in first, key);
  });
});

Deno.test("a failing run exits 1 and says what failed, why, and what to do", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const { code, out, err } = await denizen(["run", "flow.yaml", "-i", "items=[1,-1]"], { cwd });
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.match(err, /each\[1\]: NEGATIVE item is negative \(1 attempt, agent worker\)/);
    const { runId } = (await listed(cwd))[0]!;
    assert.match(err, new RegExp(`runs retry ${runId}`));
    const shown = await denizen(["runs", "show", runId], { cwd });
    assert.match(shown.out, /each\[1\]: NEGATIVE/);
    const exported = JSON.parse((await denizen(["runs", "export", runId], { cwd })).out);
    assert.equal(exported.events[0].type, "RunSubmitted");
    assert.equal(exported.events.at(-1).type, "RunFailed");
    const followed = await denizen(["runs", "follow", runId, "--json"], { cwd });
    assert.equal(followed.code, 1);
    assert.equal(JSON.parse(followed.out).status, "failed");
    assert.equal((await denizen(["runs", "retry", runId, "-q"], { cwd })).code, 1);
  });
});

Deno.test("a quiet run tells why it failed, with commands for its own folder", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const args = ["run", "flow.yaml", "-q", "-i", "items=[-1]", "--data", "my runs"];
    const { code, out, err } = await denizen(args, { cwd });
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, /^✗ small failed after .*: NEGATIVE .*\n {2}each\[0\]: NEGATIVE/);
    assert.match(err, /^look: {3}deno task denizen runs show \w+ --data 'my runs'$/m);
    const unknown = await denizen(["runs", "show", "01", "--json", "--data", "my runs"], { cwd });
    const { hint } = JSON.parse(unknown.out).error;
    assert.equal(hint, "List the runs with: deno task denizen runs list --data 'my runs'");
  });
});

Deno.test("run tells a file's warnings, but not when it is quiet", async () => {
  const flow = 'name: odd\ntasks: { look: { value: "{{ input.x }}" } }\n';
  await withFolder({ "odd.yaml": flow }, async (cwd) => {
    const { code, err } = await denizen(["run", "odd.yaml"], { cwd });
    assert.equal(code, 0);
    assert.match(err, /^odd\.yaml:2:\d+ warning EXPRESSION_LOOKALIKE: /m);
    assert.equal((await denizen(["run", "odd.yaml", "-q"], { cwd })).err, "");
  });
});

Deno.test("validate calls no file valid whose agent's module is wrong", async () => {
  const files = { ...FLOW_FILES, "worker.ts": "export default {" };
  await withFolder(files, async (cwd) => {
    const { code, out, err } = await denizen(["validate", "flow.yaml"], { cwd });
    assert.equal(code, 2);
    assert.match(out, /^worker\.ts:\d+:\d+ error /m);
    assert.equal(err, "1 error\n");
  });
});

Deno.test("a denied permission is on the run's record, with what to grant", async () => {
  const files = {
    "peek.yaml": "name: peek\nagents: { peeker: { module: ./peeker.ts } }\n" +
      "tasks: { look: { agent: peeker } }\n",
    "peeker.ts": `import { defineAgent } from "denizen";
      export default defineAgent({
        name: "peeker",
        capabilities: {},
        run: async () => await Deno.readTextFile("/etc/passwd"),
      });`,
  };
  await withFolder(files, async (cwd) => {
    const { code, err } = await denizen(["run", "peek.yaml"], { cwd });
    assert.equal(code, 1);
    assert.match(err, /look was denied read of \/etc\/passwd/);
    assert.match(err, /suggestion: Add "\/etc\/passwd" to "permissions.read" of agent "peeker"/);
    const { runId } = (await listed(cwd))[0]!;
    const shown = await denizen(["runs", "show", runId], { cwd });
    assert.match(shown.out, /denied: look asked for read of \/etc\/passwd/);
  });
});

Deno.test("wrong input exits 2 and starts no run", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    for (const pair of ["ms=fast", "speed=1", "ms"]) {
      const { code, out } = await denizen(["run", "flow.yaml", "--json", "-i", pair], { cwd });
      assert.equal(code, 2, pair);
      assert.match(JSON.parse(out).error.code, /^INPUT_OPTION_WRONG$|^INVALID_INPUT$/);
    }
    assert.deepEqual(await listed(cwd), []);
  });
});

Deno.test("run reads its input from standard input", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const stdin = '{"items": [7, 8]}';
    const args = ["run", "flow.yaml", "--input-file", "-", "-q"];
    assert.equal((await denizen(args, { cwd, stdin })).out, "count: 2\n");
  });
});

Deno.test("run --id answers the same run again", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const args = ["run", "flow.yaml", "--id", "nightly", "--json", "-q"];
    const first = JSON.parse((await denizen(args, { cwd })).out);
    const second = JSON.parse((await denizen(args, { cwd })).out);
    assert.equal(second.runId, first.runId);
    assert.equal(second.finishedAt, first.finishedAt);
    assert.equal((await listed(cwd)).length, 1);
  });
});

Deno.test("an invalid workflow exits 2 with place, code and hint, for run and validate", async () => {
  const files = { ...FLOW_FILES, "bad.yaml": FLOW.replace("agent: worker", "agnet: worker") };
  await withFolder(files, async (cwd) => {
    const run = await denizen(["run", "bad.yaml"], { cwd });
    assert.equal(run.code, 2);
    assert.match(run.err, /^bad\.yaml:\d+:\d+ error UNKNOWN_KEY: /m);
    const { code, out } = await denizen(["validate", "flow.yaml", "bad.yaml", "no.yaml"], { cwd });
    assert.equal(code, 2);
    assert.match(out, /^bad\.yaml:\d+:\d+ error UNKNOWN_KEY: .*\n.*agnet.*\n.*\^~~~~\n.*hint: /m);
    assert.match(out, /^no\.yaml:1:1 error FILE_NOT_READABLE/m);
    const json = JSON.parse((await denizen(["validate", "bad.yaml", "--json"], { cwd })).out);
    assert.equal(json.valid, false);
    for (
      const key of ["code", "severity", "message", "hint", "file", "line", "column", "pointer"]
    ) {
      assert.ok(key in json.issues[0], key);
    }
    const valid = await denizen(["validate", "flow.yaml", "--json"], { cwd });
    assert.deepEqual([valid.code, JSON.parse(valid.out)], [0, { valid: true, issues: [] }]);
    assert.equal(Deno.readDirSync(cwd).some((entry) => entry.name === ".denizen"), false);
    assert.deepEqual(await listed(cwd), []);
  });
});

Deno.test("run --detach without a server exits 4", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const { code, err } = await denizen(["run", "flow.yaml", "--detach"], { cwd });
    assert.equal(code, 4);
    assert.match(err, /SERVER_NOT_FOUND/);
  });
});

Deno.test("an unusable store exits 4", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    await Deno.mkdir(join(cwd, "data"));
    await Deno.writeTextFile(join(cwd, "data/denizen.kv"), "no database ".repeat(1_000));
    const { code, out } = await denizen(["run", "flow.yaml", "--data", "data", "--json"], { cwd });
    assert.equal(code, 4);
    assert.equal(JSON.parse(out).error.code, "STORE_UNAVAILABLE");
  });
});

Deno.test("runs cancel stops a run of another process, which exits 3", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const child = startRun(cwd, ["-i", "ms=60000"]);
    const runId = await untilRunning({ dataDir: dataDir(cwd) });
    const { code, out } = await denizen(
      ["runs", "cancel", runId, "--reason", "wrong folder", "--json"],
      { cwd },
    );
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), { runId, requested: "cancel", status: "cancelled" });
    const { code: status, stderr } = await child.output();
    assert.equal(status, 3);
    assert.match(new TextDecoder().decode(stderr), /cancelled after .*wrong folder/);
    assert.equal((await denizen(["runs", "cancel", runId], { cwd })).code, 1);
  });
});

Deno.test("runs pause holds a run of another process, and runs resume lets it go on", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const child = startRun(cwd, ["-i", "ms=4000"]);
    const runId = await untilRunning({ dataDir: dataDir(cwd) });
    const paused = await denizen(["runs", "pause", runId, "--json"], { cwd });
    assert.equal(JSON.parse(paused.out).status, "paused");
    assert.equal((await denizen(["runs", "resume", runId], { cwd })).code, 0);
    const { code, stdout } = await child.output();
    assert.equal(code, 0);
    assert.equal(new TextDecoder().decode(stdout), "count: 3\n");
  });
});

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 3]] as const) {
  Deno.test(`one ${signal} cancels the run cleanly`, async () => {
    await withFolder(FLOW_FILES, async (cwd) => {
      const child = startRun(cwd, ["-i", "ms=60000"]);
      await untilRunning({ dataDir: dataDir(cwd) });
      child.kill(signal);
      const { code, stderr } = await child.output();
      assert.equal(code, status);
      assert.match(new TextDecoder().decode(stderr), /cancelling; once more to stop at once/);
      assert.deepEqual((await listed(cwd)).map((run) => run.status), ["cancelled"]);
    });
  });
}

Deno.test("a second SIGINT stops at once and says how to resume", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const args = ["run", "flow.yaml", "-v", "-i", "ms=60000", "-i", "stubborn=true"];
    const { child, saw, finished } = startDenizen(args, cwd);
    // By then the agent is there, which will not listen.
    await saw("begins");
    const runId = await untilRunning({ dataDir: dataDir(cwd) });
    child.kill("SIGINT");
    await saw("once more to stop at once");
    // Sooner it would count as an echo of the first.
    await sleep(700);
    child.kill("SIGINT");
    const { code, err } = await finished;
    assert.equal(code, 130);
    assert.match(err, new RegExp(`stopped; go on with: deno task denizen runs resume ${runId}`));
    assert.deepEqual((await listed(cwd)).map((run) => run.status), ["running"]);
    // Nobody works on it any more: it is taken over and ended.
    const resumed = await denizen(["runs", "resume"], { cwd });
    assert.equal(resumed.code, 0);
    assert.match(resumed.err, new RegExp(`Run ${runId} was being cancelled .* closed now`));
    assert.doesNotMatch(resumed.err, /Nothing to resume/);
    assert.deepEqual((await listed(cwd)).map((run) => run.status), ["cancelled"]);
  });
});

Deno.test("a run that kill -9 left is listed as such, and runs resume completes it", async () => {
  await withFolder(FLOW_FILES, async (cwd) => {
    const child = startRun(cwd, ["-i", "ms=2000"]);
    const runId = await untilRunning({ dataDir: dataDir(cwd) });
    child.kill("SIGKILL");
    await child.output();
    assert.match((await denizen(["runs", "list"], { cwd })).out, /its process is gone/);
    assert.match((await denizen(["runs", "show", runId], { cwd })).out, /its process is gone/);
    const followed = await denizen(["runs", "follow", runId], { cwd });
    assert.equal(followed.code, 1);
    assert.match(followed.err, /first running/);
    assert.match(followed.err, new RegExp(`its process is gone; .* runs resume ${runId}\n$`));
    const { code, out } = await denizen(["runs", "resume", "--json"], { cwd });
    assert.equal(code, 0);
    assert.deepEqual([JSON.parse(out).runId, JSON.parse(out).status], [runId, "completed"]);
  });
});
