/** The command line and a running server: beside it, and from another machine. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { denizen, denizenArgs, type Finished, withFolder } from "./denizen_process.ts";
import { AGENT, FLOW } from "./flows.ts";

interface Served {
  cwd: string;
  url: string;
  signInUrl: string;
  /** Runs a command beside the server. */
  here: (...args: string[]) => Promise<Finished>;
  /** Runs a command that knows the server's URL and a key, and no store. */
  elsewhere: (...args: string[]) => Promise<Finished>;
}

/** The first line of the stream; the rest is left unread. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    assert.ok(!done, `ended after: ${text}`);
    text += new TextDecoder().decode(value);
  }
  // Nobody reads on: a node must not end on that account.
  await reader.cancel();
  return text.slice(0, text.indexOf("\n"));
}

async function withServer(work: (served: Served) => Promise<void>): Promise<void> {
  const files = { "flow.yaml": FLOW, "worker.ts": AGENT };
  await withFolder(files, async (cwd) => {
    const options = { cwd, env: { NO_COLOR: "1" } };
    const child = new Deno.Command(Deno.execPath(), {
      args: denizenArgs(["serve", "--json", "--port", "0", "--no-examples"]),
      ...options,
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      const { url, signInUrl, apiKey } = JSON.parse(await firstLine(child.stdout));
      const elsewhere = await Deno.makeTempDir({ prefix: "denizen-test-" });
      try {
        await work({
          cwd,
          url,
          signInUrl,
          here: (...args) => denizen(args, { cwd }),
          elsewhere: (...args) =>
            denizen([...args, "--server", url], {
              cwd: elsewhere,
              env: { DENIZEN_API_KEY: apiKey },
            }),
        });
        assert.deepEqual([...Deno.readDirSync(elsewhere)], [], "nothing is written elsewhere");
      } finally {
        await Deno.remove(elsewhere, { recursive: true });
      }
    } finally {
      child.kill("SIGTERM");
      assert.equal((await child.status).code, 0);
    }
  });
}

/** The document of a command that must have gone well. */
// deno-lint-ignore no-explicit-any
function documentOf({ code, out, err }: Finished): any {
  assert.equal(code, 0, err + out);
  return JSON.parse(out);
}

Deno.test("denizen --server works with runs of another machine", () =>
  withServer(async ({ cwd, here, elsewhere }) => {
    const file = join(cwd, "flow.yaml");
    const ran = documentOf(await elsewhere("run", file, "--json", "--input", "items=[7]"));
    assert.equal(ran.status, "completed");
    const { runId } = ran;
    const listed = documentOf(await elsewhere("runs", "list", "--json"));
    assert.deepEqual(listed.items.map((run: { runId: string }) => run.runId), [runId]);
    const shown = documentOf(await elsewhere("runs", "show", runId, "--json"));
    assert.deepEqual(shown.output, ran.output);
    const followed = await elsewhere("runs", "follow", runId);
    assert.equal(followed.code, 0);
    assert.match(followed.err, /completed/);
    const { events } = documentOf(await elsewhere("runs", "export", runId));
    assert.deepEqual([events[0].type, events.at(-1).type], ["RunSubmitted", "RunCompleted"]);
    const cancelled = await elsewhere("runs", "cancel", runId);
    assert.equal(cancelled.code, 1);
    assert.match(cancelled.err, /\[RUN_CLOSED\]\nhint: /);
    const retried = await elsewhere("runs", "retry", runId);
    assert.match(retried.err, /\[RUN_NOT_RETRYABLE\]\nhint: /);

    const left = await elsewhere("run", file, "--detach", "--input", "ms=20000");
    const open = left.out.trim();
    assert.equal((await elsewhere("runs", "pause", open)).code, 0);
    assert.equal((await elsewhere("runs", "resume", open)).code, 0);
    const ended = documentOf(await elsewhere("runs", "cancel", open, "--json"));
    assert.equal(ended.status, "cancelled");
    for (const side of [elsewhere, here]) {
      const forked = documentOf(await side("runs", "fork", runId, "--input", "items=9", "--json"));
      assert.deepEqual([forked.status, forked.input.items], ["completed", [9]]);
      assert.notEqual(forked.runId, runId);
    }
    const again = await elsewhere("run", file, "--id", "key", "--json");
    const same = await elsewhere("run", file, "--id", "key", "--json");
    assert.equal(documentOf(again).runId, documentOf(same).runId);
    const { partitions } = documentOf(await elsewhere("cluster", "--json"));
    assert.equal(partitions.length, 8);
    assert.equal(documentOf(await elsewhere("overview", "--json")).nodes.length, 1);
  }));

Deno.test("denizen workflows works with the registry, beside the server and elsewhere", () =>
  withServer(async ({ cwd, here, elsewhere }) => {
    const file = join(cwd, "flow.yaml");
    const [made] = documentOf(await here("workflows", "register", file, "--json"));
    assert.equal(made.name, "small");
    const [same] = documentOf(await elsewhere("workflows", "register", file, "--json"));
    assert.equal(same.hash, made.hash);
    assert.match((await elsewhere("workflows", "list")).out, /^small {2}/);
    assert.equal((await elsewhere("workflows", "show", "small")).out.trim(), FLOW.trim());
    const { items } = documentOf(await elsewhere("workflows", "versions", "small", "--json"));
    assert.equal(items.length, 1);
    const wrong = await here("workflows", "show", "smal");
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /\[WORKFLOW_NOT_FOUND\]\nhint: Did you mean "small"\?/);
    assert.equal((await here("workflows", "remove", "small")).code, 0);
    assert.deepEqual(documentOf(await here("workflows", "list", "--json")).items, []);
    const keys = documentOf(await here("keys", "list", "--json"));
    // Those that the commands worked with were taken back, and the audit log tells of them.
    assert.deepEqual(keys.items.map((key: { name: string }) => key.name), ["first key"]);
    assert.match((await here("audit", "list", "--json")).out, /Took key \\"command line\\" back/);
  }));

Deno.test("denizen open gives a link that signs in once", () =>
  withServer(async ({ url, here }) => {
    const { signInUrl } = documentOf(await here("open", "--print", "--json"));
    const [base, token] = signInUrl.split("#/sign-in/");
    assert.equal(base, `${url}/`);
    const signIn = () =>
      fetch(`${url}/api/v1/auth/sign-in`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: url },
        body: JSON.stringify({ token }),
      });
    const [first, second] = [await signIn(), await signIn()];
    assert.equal(first.status, 200, await first.text());
    await second.body?.cancel();
    assert.equal(second.status, 401);
  }));

Deno.test("denizen tells what is wrong with a server, its key, or its absence", () =>
  withServer(async ({ url, elsewhere, cwd }) => {
    const ask = (env: Record<string, string>, server: string) =>
      denizen(["runs", "list", "--server", server], { cwd, env });
    const cases: [Finished, number, RegExp][] = [
      [await ask({ DENIZEN_API_KEY: "" }, url), 2, /\[SERVER_KEY_MISSING\]\nhint: Set DENIZEN_API/],
      [await ask({ DENIZEN_API_KEY: "dnz_a_b" }, url), 1, /\[CREDENTIALS?_\w+\]\nhint: /],
      [
        await ask({ DENIZEN_API_KEY: "k" }, "http://127.0.0.1:9"),
        4,
        /\[SERVER_NOT_FOUND\]\nhint: /,
      ],
      [
        await ask({ DENIZEN_API_KEY: "k" }, "here"),
        2,
        /\[OPTION_VALUE_WRONG\]\nhint: Give the URL/,
      ],
      [
        await elsewhere("runs", "show", "01K00000000000000000000000"),
        2,
        /\[RUN_NOT_FOUND\]\nhint: /,
      ],
    ];
    for (const [{ code, err }, status, text] of cases) {
      assert.match(err, text);
      assert.equal(code, status, err);
    }
    await withFolder({}, async (cwd) => {
      const alone = await denizen(["workflows", "list"], { cwd });
      assert.equal(alone.code, 2);
      assert.match(alone.err, /\[DATA_DIR_MISSING\]\nhint: /);
    });
  }));
