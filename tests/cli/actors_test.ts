import assert from "node:assert/strict";
import { denizen, startDenizen, withFolder } from "./denizen_process.ts";
import { until } from "./flows.ts";

/** Tells its count at level warn, which is shown; and breaks in the ways that are asked for. */
const COUNTER = `import { AgentError, defineActor } from "denizen";
import { z } from "zod";
export default defineActor({
  name: "counter",
  state: z.object({ count: z.number().default(0) }),
  on: {
    add: (payload, ctx) => {
      ctx.state.count += payload.by;
      ctx.log.warn("count " + ctx.state.count);
    },
    tell: (_, ctx) => ctx.log.info("count is " + ctx.state.count),
    boom: () => { throw new Error("bo\\u001b[31m\\u202eom"); },
    refuse: () => { throw new AgentError("NO\\u001b[31mPE", "not \\u001b[31mthis one", { retryable: false }); },
    end: (_, ctx) => ctx.stopSystem(),
  },
  onStop: (ctx, reason) => ctx.log.warn("bye: " + reason),
});
`;

const FILES = {
  "counter.ts": COUNTER,
  "system.yaml": `system: counting
actors:
  counter:
    module: ./counter.ts
    mayStopSystem: true
    deliver: { maxAttempts: 2, backoff: { initial: 1ms }, poisonAfter: 1 }
supervisor:
  intensity: { restarts: 2, within: 1m }
  children: [counter, { actor: counter, key: second, restart: temporary }]
`,
};
const ADDRESS = "actor://counter/main";
const RUNS = "counting runs";

/** A running system for the time of `work`, which ends it or leaves that to us. */
function withSystem(
  work: (cwd: string, system: ReturnType<typeof startDenizen>) => Promise<void>,
): Promise<void> {
  return withFolder(FILES, async (cwd) => {
    const system = startDenizen(["actors", "run", "system.yaml"], cwd);
    try {
      await system.saw(RUNS);
      await work(cwd, system);
    } finally {
      try {
        system.child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await system.finished;
    }
  });
}

async function json(args: string[], cwd: string) {
  const { code, out, err } = await denizen([...args, "--json"], { cwd });
  assert.equal(code, 0, out + err);
  return JSON.parse(out);
}

Deno.test("actors run stops in order on Ctrl-C with 130, on SIGTERM with 0", async () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 0]] as const) {
    await withSystem(async (_cwd, { child, finished }) => {
      child.kill(signal);
      const { code, out, err } = await finished;
      assert.equal(code, status, err);
      assert.match(err, /stopping; once more to stop at once/);
      assert.match(err, /actor:\/\/counter\/main warn: bye: shutdown/);
      assert.equal(
        out,
        "counting  one_for_one  stopped\n├─ counter/main  stopped\n" +
          "└─ counter/second  temporary  stopped\n",
      );
    });
  }
});

Deno.test("actors run stops at once on the second Ctrl-C", () => {
  const files = {
    "slow.ts": `import { defineActor } from "denizen";
      export default defineActor({ name: "slow", on: {}, onStop: () => new Promise(() => {}) });`,
    "system.yaml": `system: slow
actors: { slow: { module: ./slow.ts } }
supervisor: { children: [{ actor: slow, shutdown: 1h }] }
`,
  };
  return withFolder(files, async (cwd) => {
    const { child, saw, finished } = startDenizen(["actors", "run", "system.yaml"], cwd);
    await saw("slow runs");
    child.kill("SIGINT");
    await saw("stopping");
    const startedAt = performance.now();
    const again = setInterval(() => child.kill("SIGINT"), 700);
    const { code, out } = await finished;
    clearInterval(again);
    assert.deepEqual([code, out], [130, ""]);
    assert.ok(performance.now() - startedAt < 60_000, "it did not wait for the actor");
  });
});

Deno.test("actors run stops on the first Ctrl-C while a child still starts", () => {
  const files = {
    "late.ts": `import { defineActor } from "denizen";
      export default defineActor({
        name: "late",
        on: {},
        onStart: (ctx) => { ctx.log.warn("begins"); return new Promise(() => {}); },
      });`,
    "system.yaml": `system: late
actors: { late: { module: ./late.ts, timeout: { handle: 10m } } }
supervisor: { children: [{ actor: late, shutdown: 100ms }] }
`,
  };
  return withFolder(files, async (cwd) => {
    const { child, saw, finished } = startDenizen(["actors", "run", "system.yaml", "--json"], cwd);
    await saw("begins");
    child.kill("SIGINT");
    const { code, out, err } = await finished;
    assert.equal(code, 130, err);
    const { ending, signal } = JSON.parse(out);
    assert.deepEqual([ending.type, signal], ["stopped", "SIGINT"]);
    assert.doesNotMatch(err, /Ctrl-C stops it/, "it never ran");
    const { items } = await json(["actors", "list"], cwd);
    assert.equal(items[0].pid, null, "it was given back");
  });
});

Deno.test("actors run says that the tree did not start, and not that it runs", () => {
  const files = {
    "wrong.ts": `import { defineActor } from "denizen";
      export default defineActor({
        name: "wrong", on: {}, onStart: () => { throw new Error("no way"); },
      });`,
    "system.yaml": `system: wrong
actors: { wrong: { module: ./wrong.ts } }
supervisor: { children: [wrong] }
`,
  };
  return withFolder(files, async (cwd) => {
    const { code, err } = await denizen(["actors", "run", "system.yaml"], { cwd });
    assert.equal(code, 1);
    assert.match(err, /^wrong did not start: wrong\/main: .*no way/m);
    assert.doesNotMatch(err, /Ctrl-C stops it/);
  });
});

Deno.test("actors run ends after --for, and with --json prints one document", () =>
  withFolder(FILES, async (cwd) => {
    const run = ["actors", "run", "system.yaml", "--for", "200ms"];
    const { code, out, err } = await denizen([...run, "--quiet", "--json"], { cwd });
    assert.deepEqual([code, err], [0, ""]);
    const { system, ending, signal, tree } = JSON.parse(out);
    assert.deepEqual([system, ending.type, signal], ["counting", "stopped", null]);
    assert.deepEqual(tree.children.map((child: { id: string }) => child.id), [
      "counter/main",
      "counter/second",
    ]);
    const { err: wrong, code: usage } = await denizen([...run.slice(0, 4), "soon"], { cwd });
    assert.equal(usage, 2);
    assert.match(wrong, /Cannot use --for "soon" \[OPTION_VALUE_WRONG\]\nhint: Give a duration/);
  }));

Deno.test("actors run fails when the root gives up, and shows restarts on the way", () =>
  withSystem(async (cwd, { saw, finished }) => {
    for (let n = 1; n <= 3; n++) {
      await json(["actors", "tell", ADDRESS, "boom", "null", "--id", `b${n}`], cwd);
      if (n < 3) {
        await until(async () => {
          const { tree } = await json(["actors", "tree"], cwd);
          return tree.children[0].restarts === n && tree.children[0].status === "running" || null;
        });
      }
    }
    await saw("counting gave up");
    const { code, out, err } = await finished;
    assert.equal(code, 1);
    assert.match(err, /actor:\/\/counter\/main crashed: ACTOR_CRASHED .*boom/);
    assert.match(err, /counter\/main is restarted/);
    assert.match(err, /^counting gave up: counter\/main: RESTART_INTENSITY /m);
    assert.match(out, /^├─ counter\/main {2}stopped {2}2 restarts {2}last: ACTOR_CRASHED /m);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(out + err, /[\u001b\u202e]/, "foreign text is cleaned");
  }));

Deno.test("actors list and tree tell who leads, also after kill -9", () =>
  withSystem(async (cwd, { child, finished }) => {
    const { items } = await json(["actors", "list"], cwd);
    const led = { system: "counting", term: 1, pid: items[0].pid, isLed: true };
    assert.deepEqual(items, [led]);
    const tree = await denizen(["actors", "tree", "counting"], { cwd });
    assert.match(tree.out, /^counting {2}one_for_one {2}running\n├─ counter\/main {2}running\n/);
    assert.equal(tree.err, `counting: led by process ${led.pid}\n`);

    child.kill("SIGKILL");
    await finished;
    const list = await denizen(["actors", "list"], { cwd });
    assert.equal(list.out, `counting  process ${led.pid}, which led it, is gone, term 1\n`);
    const again = await denizen(["actors", "run", "system.yaml", "--for", "1ms"], { cwd });
    assert.equal(again.code, 0, again.err);
    const { out } = await denizen(["actors", "list"], { cwd });
    assert.equal(out, "counting  stopped, term 2\n");
  }));

Deno.test("actors run is refused while a living process leads the system", () =>
  withSystem(async (cwd) => {
    const { code, err } = await denizen(["actors", "run", "system.yaml"], { cwd });
    assert.equal(code, 1);
    assert.match(err, /Process \d+ leads actor system "counting" .*\[SYSTEM_TAKEN\]/);
  }));

Deno.test("actors tell leaves a durable message, once for an id, also before the system runs", () =>
  withSystem(async (cwd, { child, saw, finished }) => {
    const add = (by: number, id: string) =>
      denizen(["actors", "tell", ADDRESS, "add", `{ "by": ${by} }`, "--id", id], { cwd });
    const { code, err } = await add(2, "a");
    assert.equal(code, 0);
    assert.match(err, /is left as a: process \d+, which leads "counting", takes it/);
    await saw("warn: count 2");
    child.kill("SIGTERM");
    await finished;

    assert.match((await add(3, "b")).err, /is left as b: nobody leads "counting" now/);
    await add(3, "b");
    await add(2, "a");
    const next = startDenizen(["actors", "run", "system.yaml"], cwd);
    await next.saw("warn: count 5");
    await json(["actors", "tell", ADDRESS, "end"], cwd);
    const last = await next.finished;
    assert.equal(last.code, 0, last.err);
    assert.deepEqual([...last.err.matchAll(/warn: count (\d+)/g)].map(([, n]) => n), ["5"]);
  }));

Deno.test("actors terminate and restart a child of the running system", () =>
  withSystem(async (cwd, { child, finished }) => {
    const statusIs = (wanted: string) =>
      until(async () => {
        const { tree } = await json(["actors", "tree"], cwd);
        return tree.children[0].status === wanted || null;
      });
    const { err } = await denizen(["actors", "terminate", "counter/main"], { cwd });
    assert.match(err, /terminate counter\/main: process \d+ has taken the wish/);
    await statusIs("stopped");
    assert.equal((await json(["actors", "restart", ADDRESS], cwd)).isTaken, true);
    await statusIs("running");

    const wrong = await denizen(["actors", "restart", "counter/man"], { cwd });
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /\[CHILD_NOT_FOUND\]\nhint: Did you mean "counter\/main"\?/);
    child.kill("SIGTERM");
    await finished;
    const late = await denizen(["actors", "terminate", "counter/main"], { cwd });
    assert.equal(late.code, 1);
    assert.match(late.err, /No living process leads .*\[SYSTEM_NOT_LED\]/);
  }));

Deno.test("actor commands take the one system that is led, where there are several", () =>
  withSystem(async (cwd) => {
    const other = `system: other\nactors: { counter: { module: ./counter.ts } }\n`;
    await Deno.writeTextFile(`${cwd}/other.yaml`, other);
    const { code, err } = await denizen(["actors", "run", "other.yaml", "--for", "1ms"], { cwd });
    assert.equal(code, 0, err);
    assert.equal((await json(["actors", "tree"], cwd)).system, "counting");
    const second = startDenizen(["actors", "run", "other.yaml"], cwd);
    await second.saw("other runs");
    const unclear = await denizen(["actors", "tree"], { cwd });
    assert.equal(unclear.code, 2);
    assert.match(unclear.err, /\[SYSTEM_UNCLEAR\]/);
    second.child.kill("SIGTERM");
    await second.finished;
  }));

Deno.test("actors tree --watch shows each change until Ctrl-C", () =>
  withSystem(async (cwd, { child, finished }) => {
    const watch = startDenizen(["actors", "tree", "--watch"], cwd);
    await watch.saw("counting: led by process");
    child.kill("SIGTERM");
    await finished;
    await watch.saw("counting: stopped");
    watch.child.kill("SIGINT");
    const { code, out } = await watch.finished;
    assert.equal(code, 0);
    assert.match(out, /\n└─ counter\/second {2}temporary {2}stopped\n$/);
  }));

Deno.test("dead-letters lists, shows, replays and drops", () =>
  withSystem(async (cwd, { child, saw, finished }) => {
    const messages: [type: string, id: string][] = [["refuse", "r1"], ["boom", "b1"], [
      "refuse",
      "r2",
    ]];
    for (const [type, id] of messages) {
      await json(["actors", "tell", ADDRESS, type, '{ "text": "\\u001b[31m" }', "--id", id], cwd);
      await saw(`"${type}" ${type === "boom" ? "POISON" : "REFUSED"}`);
    }
    const letters = () =>
      until(async () => {
        const { items } = await json(["dead-letters", "list"], cwd);
        return items.length === 3 ? items : null;
      });
    const items = await letters();
    assert.deepEqual(items.map(({ type, reason }: Record<string, string>) => [type, reason]), [
      ["refuse", "REFUSED"],
      ["boom", "POISON"],
      ["refuse", "REFUSED"],
    ]);
    const list = await denizen(["dead-letters", "list", "--limit", "2"], { cwd });
    assert.match(
      list.out,
      /^\w{26} {2}counting {2}REFUSED \(FAILED\) {2}1 attempt {2}\S+( \S+)? ago\n {4}external → actor:\/\/counter\/main "refuse"\n/,
    );
    assert.match(list.err, /^more: deno task denizen dead-letters list --cursor \w{26}\n$/);
    const poison = await denizen(["dead-letters", "show", items[1].id], { cwd });
    assert.match(poison.out, /^reason {4}POISON after 1 attempt, 1 of them crashed the actor$/m);
    assert.match(poison.out, /^payload {3}\{"text":"\\u001b\[31m"\}$/m);
    assert.match(poison.out, /Z {2}crashed with ACTOR_CRASHED .*boom$/m);
    assert.match(
      poison.out,
      /\nreplay it with: .* dead-letters replay \w{26}; drop it with: .* drop \w{26}\n$/,
    );
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(list.out + poison.out, /[\u001b\u202e]/);

    const drop = await denizen(["dead-letters", "drop", items[0].id], { cwd });
    assert.match(drop.err, /^drop 1 letter: process \d+, which leads "counting", takes it\n$/);
    const replay = await denizen(["dead-letters", "replay", items[2].id], { cwd });
    assert.equal(replay.code, 0, replay.err);
    // What is replayed is refused again, as a new letter.
    await until(async () => {
      const { items: left } = await json(["dead-letters", "list"], cwd);
      const ids = left.map(({ id }: { id: string }) => id);
      return ids.length === 2 && ids[1] === items[1].id && ids[0] > items[0].id || null;
    });
    child.kill("SIGTERM");
    await finished;
    const all = await denizen(["dead-letters", "drop", "--all", "--system", "counting"], { cwd });
    assert.match(all.err, /^drop 2 letters: nobody leads "counting" now, so it waits /);
    await denizen(["actors", "run", "system.yaml", "--for", "1s"], { cwd });
    assert.equal((await denizen(["dead-letters", "list"], { cwd })).out, "No dead letters\n");
  }));

Deno.test("actor commands on a folder without systems say so", () =>
  withFolder(FILES, async (cwd) => {
    for (const args of [["actors", "list"], ["dead-letters", "list"]]) {
      const { code, out, err } = await denizen(args, { cwd });
      assert.deepEqual([code, out.startsWith("No ")], [0, true]);
      assert.match(err, /^Found no actor systems in "\.denizen"\nhint: /);
    }
    const tree = await denizen(["actors", "tree"], { cwd });
    assert.deepEqual([tree.code, tree.out], [2, ""]);
    assert.match(tree.err, /\[DATA_DIR_MISSING\]/);
  }));

Deno.test("run and actors run tell a file of the other kind, and what to use", () =>
  withFolder(
    { ...FILES, "flow.yaml": "name: flow\ntasks: [{ id: a, value: 1 }]\n" },
    async (cwd) => {
      const flow = await denizen(["actors", "run", "flow.yaml"], { cwd });
      assert.equal(flow.code, 2);
      assert.match(flow.err, /it is a workflow \[FILE_KIND_WRONG\]\nhint: Use: deno task run flow/);
      const system = await denizen(["run", "system.yaml"], { cwd });
      assert.equal(system.code, 2);
      assert.match(
        system.err,
        /\[FILE_KIND_WRONG\]\nhint: Use: deno task denizen actors run system/,
      );
    },
  ));
