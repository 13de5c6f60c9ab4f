import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { call, counterSource, registerCounters, runUntil } from "./agent_sources.ts";
import { findBarriers } from "./barriers.ts";
import { openBrowser } from "./open_browser.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

Deno.test({
  name: "agents are registered, checked and removed, and tasks say why they got theirs",
  fn: async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "denizen-agents-" });
    const serving = await startServing(dataDir);
    const browser = await openBrowser();
    try {
      await registerCounters(serving);
      const runId = await runUntil(serving, "count-lines", "completed");
      const { page, complaints } = await openPage(browser);
      await signIn(page, serving.signInUrl);
      await lookAtAgents(page);
      await registerOne(page);
      await readWhyAgent(page, serving, runId);
      await readWhyNobody(page, serving);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      await serving.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

/** What each has shown, in light and dark; and why one of them is refused. */
async function lookAtAgents(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Agents" }).click();
  const registered = page.getByRole("region", { name: "Registered agents" });
  await registered.getByText("refused: 1 finding").waitFor();
  const own = page.getByRole("region", { name: "Agents of workflows" });
  await own.getByRole("row", { name: /quick/ }).getByText(/^\d+ %$/).first().waitFor();
  await takePicture(page, "agents_light");
  await page.emulateMedia({ colorScheme: "dark" });
  await takePicture(page, "agents_dark");
  await registered.getByRole("row", { name: /1\.1\.0/ }).getByRole("link").click();
  await page.getByText(/gave \{"lines":3\} instead of \{"lines":2\}/).waitFor();
  const versions = page.getByRole("region", { name: "Versions" });
  await versions.getByRole("row").nth(2).waitFor();
  assert.equal(await versions.getByRole("row").count(), 3);
  await takePicture(page, "agent_refused_dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Check again" }).click();
  await page.getByText(/gave \{"lines":3\}/).waitFor();
  await versions.getByRole("link", { name: "1.0.0" }).click();
  await page.getByText("is a text.measure").waitFor();
  await takePicture(page, "agent_light");
}

/** By its pasted source; then it is removed, after a question. */
async function registerOne(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Agents", exact: true }).first().click();
  await page.getByRole("link", { name: "Register an agent" }).click();
  const source = counterSource({ name: "pasted", version: "0.1.0" });
  await page.getByLabel("TypeScript or JavaScript").fill(source);
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("heading", { level: 1, name: "pasted" }).waitFor();
  await page.getByText("ready", { exact: true }).first().waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Remove the agent" }).click();
  await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
  await page.getByRole("row", { name: /line-counter/ }).first().waitFor();
  assert.equal(await page.getByRole("link", { name: "pasted" }).count(), 0);
}

/** The task's panel names the candidates, who was left out, and what settled a vote. */
async function readWhyAgent(page: Page, serving: Serving, runId: string): Promise<void> {
  await page.goto(`${serving.url}/#/runs/${runId}?task=count%5B1%5D`);
  const panel = page.getByRole("complementary", { name: "Task count[1]" });
  await panel.getByRole("button", { name: "Why this agent" }).waitFor();
  await panel.getByText("chosen", { exact: true }).waitFor();
  await panel.getByText(/line-counter@1\.1\.0.*does not keep what it claims/).waitFor();
  // What an earlier step said lies over the panel, for some seconds.
  await page.locator(".toasts .notice").first().waitFor({ state: "detached" });
  await takePicture(page, "task_assignment_light");
  assert.deepEqual(await findBarriers(page), []);
  await page.goto(`${serving.url}/#/runs/${runId}?task=agree`);
  const vote = page.getByRole("complementary", { name: "Task agree" });
  await vote.getByText("its result counts").waitFor();
  await vote.getByText("2 votes, all for the same result").waitFor();
  await page.emulateMedia({ colorScheme: "dark" });
  await takePicture(page, "task_vote_dark");
  assert.deepEqual(await findBarriers(page, ".task-panel"), []);
}

/** A task that nobody can do says so, and what helps. */
async function readWhyNobody(page: Page, serving: Serving): Promise<void> {
  const { runId } = await call<{ runId: string }>(serving, "/runs", { workflow: "ask-in-vain" });
  await page.goto(`${serving.url}/#/runs/${runId}?task=paint`);
  const panel = page.getByRole("complementary", { name: "Task paint" });
  await panel.getByRole("button", { name: "Why nobody" }).waitFor();
  await panel.getByText(/^register an agent that offers it/).waitFor();
  await takePicture(page, "task_nobody_dark");
  assert.deepEqual(await findBarriers(page, ".task-panel"), []);
}
