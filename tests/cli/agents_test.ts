/** Agents and the graph of solved tasks on the command line, without a server and with one. */
import assert from "node:assert/strict";
import { readLine } from "../process/read_line.ts";
import { agentModule } from "../workflow_folder.ts";
import { denizen, denizenArgs, withFolder } from "./denizen_process.ts";

const COUNTER = `import { defineAgent } from "denizen";
import { z } from "zod";
export default defineAgent({
  name: "line-counter",
  version: "1.0.0",
  permissions: { env: ["HOME"] },
  capabilities: {
    "text.count": {
      input: z.object({ text: z.string() }),
      output: z.object({ lines: z.number() }),
      isA: "text.measure",
      examples: [{ input: { text: "a\\nb" }, output: { lines: 2 } }],
    },
  },
  run: ({ text }) => ({ lines: text.split("\\n").length }),
});
`;

const FILES = {
  "counter.ts": COUNTER,
  "boaster.ts": COUNTER.replace("1.0.0", "2.0.0").replace(".length })", ".length + 1 })")
    .replace('permissions: { env: ["HOME"] },', ""),
  "flow.yaml": `name: named
agents: { namer: { module: ./namer.ts } }
tasks: { name: { agent: namer } }
`,
  "namer.ts": agentModule('return "Ada";'),
};

/** Names an agent that is not its own. */
const PINNED = `name: pinned
tasks:
  count:
    capability: text.count
    assign: { pin: [line-counter] }
    with: { text: "a" }
    fallback: { agent: line-counter }
`;

Deno.test("denizen agents registers, shows, checks and removes agents in a store without a node", () =>
  withFolder(FILES, async (cwd) => {
    const run = (...args: string[]) => denizen(["agents", ...args], { cwd });
    assert.deepEqual(await run("list"), { code: 0, out: "No agents\n", err: "" });

    const asks = await run("register", "counter.ts");
    assert.equal(asks.code, 2);
    assert.match(asks.err, /asks for env "HOME"/);
    assert.match(asks.err, /--grant env=HOME/);
    const made = await run("register", "counter.ts", "--grant", "env=HOME");
    assert.equal(made.code, 0, made.err);
    assert.match(made.out, /^Registered line-counter@1\.0\.0: ready\n/);
    const again = await run("register", "counter.ts", "--yes", "--json");
    assert.equal(JSON.parse(again.out).isNew, false);
    const boasts = await run("register", "boaster.ts");
    assert.equal(boasts.code, 1);
    assert.match(boasts.out, /refused/);
    assert.match(boasts.out, /text\.count: /);

    const shown = await run("show", "line-counter@^1");
    assert.match(shown.out, /^text\.count {2}\(a kind of text\.measure\)$/m);
    assert.match(shown.out, /no task asked for it by this name yet/);
    assert.match(shown.out, /^ {2}it gets tasks$/m);
    assert.match((await run("show", "line-conter")).err, /Did you mean "line-counter"\?/);
    assert.equal((await run("check", "line-counter@1.0.0")).code, 0);
    assert.equal((await run("check", "line-counter@2.0.0")).code, 1);
    const { items } = JSON.parse((await run("list", "--capability", "text.measure", "--json")).out);
    assert.deepEqual(
      items.map(({ ref }: { ref: string }) => ref),
      ["line-counter@2.0.0", "line-counter@1.0.0"],
    );
    assert.match((await run("list", "--kind", "x")).err, /workflow or registered/);
    const names = await denizen(["__complete", "agent"], { cwd });
    assert.equal(names.out, "line-counter@1.0.0\tready\nline-counter@2.0.0\trefused\n");
    const removed = await run("remove", "line-counter");
    assert.deepEqual(removed.out.trim().split("\n").sort(), [
      "Removed line-counter@1.0.0",
      "Removed line-counter@2.0.0",
    ]);
    assert.equal((await run("show", "line-counter")).code, 2);
  }));

/** What somebody who works for several tenants does with an agent of one name. */
async function worksForTenants(run: (...args: string[]) => ReturnType<typeof denizen>) {
  for (const tenant of ["acme", "umbrella"]) {
    const made = await run("register", "counter.ts", "--yes", "--tenant", tenant, "--json");
    assert.equal(made.code, 0, made.err);
    assert.equal(JSON.parse(made.out).agent.tenant, tenant);
  }
  const listed = async (...args: string[]) =>
    JSON.parse((await run("list", "--json", ...args)).out).items
      .map(({ ref, tenant }: { ref: string; tenant: string }) => `${tenant}:${ref}`);
  assert.deepEqual(await listed("--tenant", "acme"), ["acme:line-counter@1.0.0"]);
  assert.equal((await listed()).length, 2);
  assert.match((await run("list")).out, /line-counter@1\.0\.0 +umbrella/);
  assert.match((await run("show", "line-counter", "--tenant", "umbrella")).out, /tenant +umbrella/);
  const other = await run("show", "line-counter", "--tenant", "initech");
  assert.match(other.err, /AGENT_UNKNOWN/);
  const checked = await run("check", "line-counter", "--tenant", "umbrella");
  assert.equal(checked.code, 0, checked.err);
  const unclear = await run("remove", "line-counter");
  assert.match(unclear.err, /AGENT_AMBIGUOUS/);
  assert.match(unclear.err, /--tenant/);
  const removed = await run("remove", "line-counter", "--tenant", "acme");
  assert.equal(removed.out, "Removed line-counter@1.0.0\n", removed.err);
  assert.deepEqual(await listed(), ["umbrella:line-counter@1.0.0"]);
  assert.match((await run("list", "--tenant", "a b")).err, /OPTION_VALUE_WRONG/);
}

const ASKING = `name: asking
agents: { namer: { module: ./namer.ts } }
tasks:
  own: { capability: name.it }
  wider: { capability: text.measure }
  wrong: { capability: text.mesure }
  nobody: { capability: steam.compress }
`;

Deno.test("denizen validate warns of a capability that nobody offers, where agents can be seen", () => {
  const namer = FILES["namer.ts"].replace("capabilities: {}", 'capabilities: { "name.it": {} }');
  assert.match(namer, /name\.it/);
  return withFolder({ ...FILES, "namer.ts": namer, "asking.yaml": ASKING }, async (cwd) => {
    const check = async () => {
      const { code, out, err } = await denizen(["validate", "asking.yaml", "--json"], { cwd });
      assert.equal(code, 0, err);
      return JSON.parse(out);
    };
    assert.deepEqual((await check()).issues, []);
    const made = await denizen(["agents", "register", "counter.ts", "--yes"], { cwd });
    assert.equal(made.code, 0, made.err);
    const { valid, issues } = await check();
    assert.equal(valid, true);
    assert.deepEqual(
      issues.map((
        { code, severity, pointer, line, hint }: Record<string, unknown>,
      ) => [code, severity, pointer, line, String(hint).slice(0, 12)]),
      [
        ["UNKNOWN_CAPABILITY", "warning", "/tasks/wrong/capability", 6, "Did you mean"],
        ["UNKNOWN_CAPABILITY", "warning", "/tasks/nobody/capability", 7, "Add an agent"],
      ],
    );
  });
});

Deno.test("denizen agents works for one tenant of several in a store without a node", () =>
  withFolder(FILES, async (cwd) => {
    await worksForTenants((...args) => denizen(["agents", ...args], { cwd }));
  }));

Deno.test("denizen knowledge tells of what ran in a store without a node", () =>
  withFolder(FILES, async (cwd) => {
    const run = (...args: string[]) => denizen(["knowledge", ...args], { cwd });
    const none = await run("stats");
    assert.equal(none.code, 2);
    assert.match(none.err, /DATA_DIR_MISSING/);
    assert.equal((await denizen(["run", "flow.yaml", "-q"], { cwd })).code, 0);
    const stats = JSON.parse((await run("stats", "--json")).out);
    assert.deepEqual([stats.facts, stats.nodes.agent, stats.nodes.task], [1, 1, 1]);
    assert.match((await run("stats")).out, /made of 1 attempt,/);
    assert.match((await run("search", "namer", "--kind", "agent")).out, /^agent:named\/namer/);
    const agent = "agent:named/namer";
    const shown = await run("show", agent);
    const task = /attempted (task:\S+) {2}1 times?, 1 completed/.exec(shown.out)?.[1];
    assert.ok(task !== undefined, shown.out);
    const path = await run("path", agent, task);
    assert.match(path.out, /↓ attempted/);
    assert.match((await run("show", "agent:x")).err, /KNOWLEDGE_NODE_NOT_FOUND/);
    const file = await run("export", "--format", "gexf", "--out", "graph.gexf");
    assert.equal(file.code, 0, file.err);
    assert.match(await Deno.readTextFile(`${cwd}/graph.gexf`), /<gexf .*agent:named\/namer/s);
    assert.ok(JSON.parse((await run("export", "--json")).out).nodes.length > 0);
    assert.match((await run("export", "--format", "gexff")).err, /Did you mean "gexf"\?/);
  }));

Deno.test("denizen agents and knowledge ask a server, with nothing but a key", () =>
  withFolder(FILES, async (cwd) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: denizenArgs(["serve", "--json", "--port", "0", "--no-examples"]),
      cwd,
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    try {
      const { line, release } = await readLine(child.stdout);
      await release();
      const { url, apiKey } = JSON.parse(line);
      await withFolder({ "counter.ts": COUNTER }, async (elsewhere) => {
        const env = { DENIZEN_API_KEY: apiKey };
        const run = (...args: string[]) =>
          denizen([...args, "--server", url], { cwd: elsewhere, env });
        await worksForTenants((...args) => run("agents", ...args));
        await run("agents", "remove", "line-counter", "--tenant", "umbrella");
        const made = await run("agents", "register", "counter.ts", "--yes");
        assert.equal(made.code, 0, made.err);
        assert.match((await run("agents", "show", "line-counter")).out, /^line-counter@1\.0\.0/);
        const stats = await run("knowledge", "stats", "--json");
        assert.equal(JSON.parse(stats.out).facts, 0);
        assert.match((await run("knowledge", "export", "--format", "graphml")).out, /<graphml/);
        assert.match((await run("agents", "remove", "line-counter@1.0.0")).out, /^Removed/);
      });
      const here = await denizen(["agents", "register", "counter.ts", "--yes"], { cwd });
      assert.equal(here.code, 0, here.err);
      // A file may name agents that are registered, wherever it comes from.
      await withFolder({ "pinned.yaml": PINNED }, async (elsewhere) => {
        const env = { DENIZEN_API_KEY: apiKey };
        const run = (...args: string[]) =>
          denizen([...args, "--server", url], { cwd: elsewhere, env });
        for (
          const sent of [run("workflows", "register", "pinned.yaml"), run("run", "pinned.yaml")]
        ) {
          const { code, err } = await sent;
          assert.equal(code, 0, err);
          assert.doesNotMatch(err, /warning/i);
        }
      });
    } finally {
      child.kill("SIGTERM");
      await child.status;
    }
  }));
