import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { call } from "./agent_sources.ts";
import { countFrames } from "./frames.ts";
import { openBrowser } from "./open_browser.ts";
import { measureHeap } from "./page_heap.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { layeredWorkflow } from "./slow_workflow.ts";
import { untilTrue } from "./until_true.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

const TASKS = 20_000;
/** Some seconds, on a machine that does nothing else. */
const RUN_MS_MAX = 300_000;

Deno.test({
  name: `the page of a run of ${TASKS} tasks is drawn, moves and is searched`,
  fn: async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "denizen-large-run-" });
    const file = join(dataDir, "many_tasks.yaml");
    await Deno.writeTextFile(file, layeredWorkflow(TASKS));
    const serving = await startServing(dataDir, [file]);
    const browser = await openBrowser();
    try {
      const runId = await startRun(serving);
      const { page, complaints } = await openPage(browser);
      await signIn(page, serving.signInUrl);
      await drawGraph(page, `${serving.url}/#/runs/${runId}`);
      await takePicture(page, "run_20000_light");
      await moveAround(page);
      await findTask(page, `t${TASKS - 1}`);
      await takePicture(page, "run_20000_near_light");
      await listTasks(page);
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      await serving.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

async function startRun(serving: Serving): Promise<string> {
  const { url, apiKey } = serving;
  const headers = { authorization: `Bearer ${apiKey}` };
  const { runId } = await call<{ runId: string }>(serving, "/runs", { workflow: "many-tasks" });
  const signal = AbortSignal.timeout(RUN_MS_MAX);
  for (;;) {
    const response = await fetch(`${url}/api/v1/runs/${runId}?items=false`, { headers, signal });
    const { status } = await response.json();
    if (status === "completed") return runId;
    assert.ok(["pending", "running", "waiting"].includes(status), status);
    // The run has the machine in between.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** From the address to the first picture of the whole graph. */
async function drawGraph(page: Page, url: string): Promise<void> {
  await page.evaluate(`window.leftAt = performance.now(); location.href = ${JSON.stringify(url)}`);
  const mark = "performance.getEntriesByName('denizen:graph-drawn')[0]?.startTime";
  await untilTrue(page, `${mark} !== undefined`);
  const tookMs = await page.evaluate<number>(`${mark} - window.leftAt`);
  console.log(`first picture of ${TASKS} tasks: ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 60_000, `${tookMs} ms`);
  // The history is folded behind it; the page is right before and after.
  await page.getByText("20,000").first().waitFor();
}

/** Drags and zooms, and looks at what the frames take. */
async function moveAround(page: Page): Promise<void> {
  const box = (await page.locator(".dag-window").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  const frames = await countFrames(page, async () => {
    await page.mouse.down();
    for (let step = 1; step <= 60; step++) await page.mouse.move(x + step * 4, y + step * 2);
    await page.mouse.up();
    for (let step = 0; step < 20; step++) await page.mouse.wheel(0, -120);
  });
  console.log(`frames while it moves: ${frames.text}`);
  assert.ok(frames.count >= 5 && frames.medianMs < 1_500, frames.text);
  const heap = await measureHeap(page);
  console.log(`heap of the page: ${(heap / 1e6).toFixed(0)} MB`);
  assert.ok(heap < 600e6, `${heap} bytes`);
}

/** The search brings a task near, as an element that the keys move on from. */
async function findTask(page: Page, name: string): Promise<void> {
  await page.getByRole("combobox", { name: "Find a task" }).fill(name);
  await page.keyboard.press("Enter");
  const button = page.getByRole("button", { name: new RegExp(`^${name} .*completed`) });
  await button.waitFor();
  await page.getByRole("complementary", { name: `Task ${name}` }).waitFor();
  await page.locator(".dag-node").nth(1).waitFor();
  const elements = await page.locator(".dag-node").count();
  assert.ok(elements <= 301, `${elements} elements`);
  await button.focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator(`.dag-node-main:focus:not([aria-label^="${name} "])`).waitFor();
}

/** The list makes only the rows in sight. */
async function listTasks(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "Tasks" }).click();
  const table = page.getByRole("table", { name: "Tasks" });
  await table.getByRole("row").nth(3).waitFor();
  assert.ok(await table.getByRole("row").count() < 100);
  assert.equal(await table.getAttribute("aria-rowcount"), String(TASKS + 1));
}
