import assert from "node:assert/strict";
import { chmod, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BellTopic, Member } from "../../core/cluster_ports.ts";
import { ConflictError, UnavailableError } from "../../core/errors.ts";
import type { Json } from "../../core/json.ts";
import {
  createLinkBell,
  type LinkHandlers,
  type LinkRefusal,
  loadClusterToken,
  NodeLink,
} from "../../runtime/cluster/link/mod.ts";

const TOKEN = "A".repeat(43);
const noVariable = { readVariable: () => undefined };

interface Ends {
  link: NodeLink;
  refusals: LinkRefusal[];
}

async function withLink(
  handlers: LinkHandlers,
  body: (ends: Ends) => Promise<void>,
  options: { isReady?: () => boolean } = {},
): Promise<void> {
  const refusals: LinkRefusal[] = [];
  const link = await NodeLink.open({
    token: TOKEN,
    handlers,
    onRefused: (refusal) => refusals.push(refusal),
    ...options,
  });
  try {
    await body({ link, refusals });
  } finally {
    await link.close();
  }
}

const post = (url: string, init: RequestInit = {}) =>
  fetch(url, { method: "POST", body: "{}", ...init });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

async function failureOf(promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  throw new assert.AssertionError({ message: "It did not fail" });
}

Deno.test("NodeLink.call() brings back what the other node answers", async () => {
  const echo = (body: Json) => ({ heard: body });
  await withLink({ echo }, async ({ link }) => {
    const body = { deep: [1, "zwei", null, { three: true }] };
    assert.deepEqual(await link.call(link.url, "echo", body), { heard: body });
    assert.deepEqual(await link.call(link.url, "echo", null), { heard: null });
  });
});

Deno.test("NodeLink.call() throws what the handler threw, of the same class", async () => {
  const handlers = {
    taken: () => {
      throw new ConflictError("SYSTEM_TAKEN", { message: "Taken", hint: "h", details: { pid: 7 } });
    },
    busy: () =>
      Promise.reject(new UnavailableError("UNAVAILABLE", { message: "b", retryAfterMs: 7 })),
    broken: () => {
      throw new RangeError("secret path");
    },
  };
  await withLink(handlers, async ({ link }) => {
    const taken = await failureOf(link.call(link.url, "taken", null));
    assert.ok(taken instanceof ConflictError);
    assert.deepEqual([taken.code, taken.hint, taken.details], ["SYSTEM_TAKEN", "h", { pid: 7 }]);
    const busy = await failureOf(link.call(link.url, "busy", null));
    assert.ok(busy instanceof UnavailableError);
    assert.equal(busy.retryAfterMs, 7);
    assert.equal((await failureOf(link.call(link.url, "broken", null))).code, "INTERNAL");
    assert.equal((await failureOf(link.call(link.url, "unheard-of", null))).code, "LINK_REFUSED");
  });
});

Deno.test("NodeLink.call() says whether the other node can have heard it", async () => {
  const gone = await NodeLink.open({ token: TOKEN, onRefused: () => {} });
  await gone.close();
  const stuck = () => new Promise<Json>(() => {});
  await withLink({ stuck }, async ({ link }) => {
    const refused = await failureOf(link.call(gone.url, "x", null));
    assert.equal(refused.code, "NODE_UNREACHABLE");
    assert.deepEqual(refused.details, { url: gone.url, wasSent: false });
    const late = await failureOf(link.call(link.url, "stuck", null, { timeoutMs: 100 }));
    assert.equal(late.code, "NODE_UNREACHABLE");
    assert.deepEqual(late.details, { url: link.url, wasSent: true });
    const giveUp = new AbortController();
    const calling = failureOf(link.call(link.url, "stuck", null, { signal: giveUp.signal }));
    giveUp.abort();
    assert.equal((await calling).code, "NODE_UNREACHABLE");
  });
});

Deno.test("NodeLink aborts a handler when its caller gives up, and when it closes itself", async () => {
  const aborted: string[] = [];
  const begun = Promise.withResolvers<void>();
  const handlers = {
    stuck: (_: Json, { signal }: { signal: AbortSignal }) => {
      begun.resolve();
      return new Promise<Json>((resolve) => {
        signal.addEventListener("abort", () => {
          aborted.push("aborted");
          resolve(null);
        });
      });
    },
  };
  await withLink(handlers, async ({ link }) => {
    const giveUp = new AbortController();
    const calling = failureOf(link.call(link.url, "stuck", null, { signal: giveUp.signal }));
    await begun.promise;
    giveUp.abort();
    await calling;
    while (aborted.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const last = failureOf(link.call(link.url, "stuck", null));
    await link.close();
    assert.equal((await last).code, "NODE_UNREACHABLE");
    const after = await failureOf(link.call(link.url, "stuck", null));
    assert.deepEqual(after.details, { url: link.url, wasSent: false });
  });
});

Deno.test("NodeLink refuses who has no token or a wrong one, and tells of it now and then", async () => {
  const calls: Json[] = [];
  const note = (body: Json) => calls.push(body);
  await withLink({ note }, async ({ link, refusals }) => {
    const url = `${link.url}/link/note`;
    const startedAt = performance.now();
    const statuses: number[] = [];
    for (const init of [{}, bearer("B".repeat(43)), bearer(TOKEN.slice(1)), bearer(`${TOKEN}A`)]) {
      const response = await post(url, init);
      statuses.push(response.status);
      await response.body?.cancel();
    }
    assert.deepEqual(statuses, [401, 401, 401, 401]);
    assert.deepEqual(calls, []);
    // The first at once; the others are counted until the second is over or the link closes.
    assert.deepEqual(refusals[0], { remote: "127.0.0.1", reason: "token missing", count: 1 });
    const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
    assert.ok(refusals.length <= seconds, `told ${refusals.length} times in ${seconds} s`);
    await link.close();
    assert.equal(refusals.reduce((sum, { count }) => sum + count, 0), 4);
    assert.equal(refusals.at(-1)?.reason, "token wrong");
  });
});

Deno.test("NodeLink.call() tells a node with another token from one that is away", async () => {
  const stranger = await NodeLink.open({ token: "B".repeat(43), onRefused: () => {} });
  try {
    await withLink({}, async ({ link }) => {
      const error = await failureOf(link.call(stranger.url, "x", null));
      assert.equal(error.code, "CLUSTER_TOKEN_WRONG");
    });
  } finally {
    await stranger.close();
  }
});

Deno.test("NodeLink takes no body that is too large or no JSON, and goes on", async () => {
  await withLink({ echo: (body) => body }, async ({ link }) => {
    const url = `${link.url}/link/echo`;
    const large = await post(url, { ...bearer(TOKEN), body: new Uint8Array(33 * 1024 * 1024) });
    assert.equal(large.status, 413);
    await large.body?.cancel();
    const endless = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const streamed = await post(url, { ...bearer(TOKEN), body: endless }).catch(() => null);
    if (streamed !== null) {
      assert.equal(streamed.status, 413);
      await streamed.body?.cancel();
    }
    const broken = await post(url, { ...bearer(TOKEN), body: "{" });
    assert.equal(broken.status, 400);
    await broken.body?.cancel();
    assert.equal(await link.call(link.url, "echo", "still here"), "still here");
  });
});

Deno.test("NodeLink answers probes without a token", async () => {
  let isReady = false;
  await withLink({}, async ({ link }) => {
    const probe = async (path: string) => {
      const response = await fetch(link.url + path);
      return [response.status, await response.text()];
    };
    assert.deepEqual(await probe("/livez"), [200, "alive\n"]);
    assert.deepEqual(await probe("/readyz"), [503, "not ready\n"]);
    isReady = true;
    assert.deepEqual(await probe("/readyz"), [200, "ready\n"]);
    assert.equal((await probe("/link/anything"))[0], 401);
    assert.equal((await probe("/anything"))[0], 404);
  }, { isReady: () => isReady });
});

Deno.test("NodeLink.open() says why it cannot listen", async () => {
  await withLink({}, async ({ link }) => {
    for (const listen of [new URL(link.url).host, "here", "127.0.0.1:99999"]) {
      const error = await failureOf(NodeLink.open({ listen, token: TOKEN, onRefused: () => {} }));
      assert.equal(error.code, "LISTEN_FAILED");
    }
  });
});

Deno.test("loadClusterToken() makes one token for a directory that only its owner reads", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "denizen-link-" });
  try {
    const all = await Promise.all(
      Array.from({ length: 8 }, () => loadClusterToken(join(dataDir, "new"), noVariable)),
    );
    assert.equal(new Set(all).size, 1);
    assert.match(all[0]!, /^[A-Za-z0-9_-]{43}$/);
    const path = join(dataDir, "new", "cluster.token");
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await readFile(path, "utf8")).trim(), all[0]);
    assert.deepEqual(await readdir(join(dataDir, "new")), ["cluster.token"]);
    await chmod(path, 0o644);
    const open = await failureOf(loadClusterToken(join(dataDir, "new"), noVariable));
    assert.equal(open.code, "CLUSTER_TOKEN_WRONG");
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("loadClusterToken() takes that of the environment, unless it is too short", async () => {
  const given = (token: string) => ({ readVariable: () => token });
  assert.equal(await loadClusterToken("/nonexistent", given(TOKEN)), TOKEN);
  const error = await failureOf(loadClusterToken("/nonexistent", given("short")));
  assert.equal(error.code, "CLUSTER_TOKEN_WRONG");
  assert.ok(!error.message.includes("short"));
});

// --- the bell ---

function member(nodeId: string, url: string | null): Member {
  return {
    nodeId,
    boot: "1",
    holder: { nodeId, host: "h", pid: 1, processStart: "1" },
    beat: 1,
    status: "up",
    url,
    startedAt: 0,
    version: "0",
    partitions: [],
    runs: 0,
    electionTimeoutMs: 1_000,
  };
}

async function waitFor(isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + 30_000;
  while (!isSo()) {
    assert.ok(performance.now() < endsAt, "It never came about");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("createLinkBell() rings at the node that a topic concerns, and at no other", async () => {
  const links = await Promise.all(
    ["a", "b", "c"].map(() => NodeLink.open({ token: TOKEN, onRefused: () => {} })),
  );
  const ids = ["a", "b:1", "c"];
  const members = [...ids.map((id, at) => member(id, links[at]!.url)), member("deaf", null)];
  const heard: BellTopic[][] = [[], [], []];
  const bells = links.map((link, at) => {
    const bell = createLinkBell({
      link,
      members: () => members,
      leaderOf: (partition) => partition === 9 ? null : ids[partition % 3]!,
    });
    bell.listen((topic) => heard[at]!.push(topic));
    return bell;
  });
  try {
    bells[0]!.ring(["partition:1", "partition:1", "partition:9", "node:c", "node:deaf", "terms"]);
    bells[0]!.ring(["partition:0", "node:b:1"]);
    await waitFor(() => heard.flat().length >= 6);
    assert.deepEqual(heard[0], ["partition:0"]);
    assert.deepEqual(heard[1]!.toSorted(), ["node:b:1", "partition:1", "terms"]);
    assert.deepEqual(heard[2]!.toSorted(), ["node:c", "terms"]);
  } finally {
    await Promise.all(links.map((link) => link.close()));
  }
});

Deno.test("createLinkBell() never throws and never waits when nobody answers", async () => {
  const gone = await NodeLink.open({ token: TOKEN, onRefused: () => {} });
  await gone.close();
  await withLink({}, async ({ link }) => {
    const members = [member("gone", gone.url)];
    const bell = createLinkBell({ link, members: () => members, leaderOf: () => "gone" });
    for (let partition = 0; partition < 5_000; partition++) bell.ring([`partition:${partition}`]);
    // What is rung while a request is under way waits for the next one.
    await new Promise((resolve) => setTimeout(resolve, 50));
    bell.ring(["terms"]);
  });
});

Deno.test("createLinkBell() hears nothing but topics", async () => {
  await withLink({}, async ({ link }) => {
    const heard: BellTopic[] = [];
    createLinkBell({ link, members: () => [], leaderOf: () => null })
      .listen((topic) => heard.push(topic));
    const topics = ["terms", "partition:x", 7, "node:a", "other", null];
    await link.call(link.url, "ring", { topics });
    await link.call(link.url, "ring", "terms");
    assert.deepEqual(heard, ["terms", "node:a"]);
  });
});
