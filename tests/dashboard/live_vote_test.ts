import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { call } from "./agent_sources.ts";
import { openBrowser } from "./open_browser.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

/** What an agent returns is asked for here, and answered when the test says so. */
class Ballots {
  readonly #ballots = new Map<string, Ballot>();
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { asked, choice } = this.#of(new URL(request.url).pathname.slice(1));
      asked.resolve();
      return new Response(await choice.promise);
    },
  );

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** Waits until each of them has asked. */
  async asked(agents: readonly string[]): Promise<void> {
    await Promise.all(agents.map((agent) => this.#of(agent).asked.promise));
  }

  cast(agent: string, choice: string): void {
    this.#of(agent).choice.resolve(choice);
  }

  /** Whoever still waits gets an answer, so that nothing is left open. */
  async close(): Promise<void> {
    for (const { choice } of this.#ballots.values()) choice.resolve("none");
    await this.#server.shutdown();
  }

  #of(agent: string): Ballot {
    return this.#ballots.getOrInsertComputed(agent, () => ({
      asked: Promise.withResolvers<void>(),
      choice: Promise.withResolvers<string>(),
    }));
  }
}

interface Ballot {
  asked: PromiseWithResolvers<void>;
  choice: PromiseWithResolvers<string>;
}

const VOTERS = ["ada", "bob", "eve"];

const workflow = (host: string) =>
  `name: pick-one
version: 1.0.0
agents:
${
    VOTERS.map((name) => `  ${name}: { module: ./${name}.ts, permissions: { net: ["${host}"] } }`)
      .join("\n")
  }
tasks:
  pick: { capability: pick, with: {}, assign: { vote: { of: 3 } } }
output: "\${{ tasks.pick.output }}"
`;

const voter = (name: string, host: string) =>
  `import { defineAgent } from "denizen";
import { z } from "zod";

export default defineAgent({
  name: "${name}",
  capabilities: { pick: { input: z.object({}), output: z.string() } },
  async run() {
    return await (await fetch("http://${host}/${name}")).text();
  },
});
`;

Deno.test({
  name: "a vote is watched live: who contends, who has ended, whose result counts",
  fn: async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "denizen-vote-" });
    const ballots = new Ballots();
    const serving = await startServing(dataDir);
    const browser = await openBrowser();
    try {
      const files = VOTERS.map((name) => [`${name}.ts`, voter(name, ballots.host)]);
      const source = workflow(ballots.host);
      await call(serving, "/workflows", { source, files: Object.fromEntries(files) });
      const { runId } = await call<{ runId: string }>(serving, "/runs", { workflow: "pick-one" });
      const { page, complaints } = await openPage(browser);
      await signIn(page, serving.signInUrl);
      await watchVote(page, ballots, serving, runId);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      await ballots.close();
      await serving.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

async function watchVote(
  page: Page,
  ballots: Ballots,
  serving: Serving,
  runId: string,
): Promise<void> {
  let documents = 0;
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith(`/runs/${runId}`)) documents++;
  });
  await page.goto(`${serving.url}/#/runs/${runId}`);
  await node(page, "pick vote of 3 · 0 ended, running").click();
  await contenders(page, "running").nth(2).waitFor();
  await ballots.asked(VOTERS);
  await sayTheSame(page, serving, runId);
  const before = documents;

  ballots.cast("ada", "red");
  await node(page, "pick vote of 3 · 1 ended, running").waitFor();
  await contenders(page, "completed").first().waitFor();
  assert.equal(await contenders(page, "running").count(), 2);
  await takePicture(page, "live_vote");
  assert.equal(documents, before, "the run was read anew, instead of told by its events");

  for (const name of ["bob", "eve"]) ballots.cast(name, "blue");
  await node(page, /^pick vote of 3 · (bob|eve), completed$/).waitFor();
  await page.getByText("its result counts").waitFor();
  await sayTheSame(page, serving, runId);
  await page.getByRole("tab", { name: "Timeline" }).click();
  for (const number of [1, 2, 3]) {
    await page.getByRole("button", { name: `pick, contender ${number}:` }).waitFor();
  }
}

function node(page: Page, name: string | RegExp) {
  return page.getByRole("button", { name, exact: true });
}

/** Those in the panel that stand so. */
function contenders(page: Page, status: string) {
  const panel = page.getByRole("complementary", { name: "Task pick" });
  return panel.locator(".candidates > li").filter({ hasText: status });
}

/** The page has why and how often from the run's events; the node has it from its journal. */
async function sayTheSame(page: Page, serving: Serving, runId: string): Promise<void> {
  const headers = { authorization: `Bearer ${serving.apiKey}` };
  const response = await fetch(`${serving.url}/api/v1/runs/${runId}`, { headers });
  const { tasks: [task] } = await response.json();
  await page.getByTitle(task.reason, { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Tasks" }).click();
  const cells = page.locator(".virtual-row [role=cell]");
  for (const [at, text] of [task.id, task.status, task.agent ?? "–", task.attempts].entries()) {
    await cells.nth(at).getByText(String(text), { exact: true }).waitFor();
  }
  await page.getByRole("tab", { name: "Graph" }).click();
}
