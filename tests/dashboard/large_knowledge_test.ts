import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { countFrames } from "./frames.ts";
import { openBrowser } from "./open_browser.ts";
import { measureHeap } from "./page_heap.ts";
import { startServing } from "./serve_process.ts";
import { writeSolvedTasks } from "./solved_tasks.ts";
import { untilKnown } from "./until_known.ts";
import { untilTrue } from "./until_true.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

const TASKS = 100_000;
/** What a page may hold of them. */
const SHOWN_MAX = 2_000;

Deno.test({
  name: `the graph of ${TASKS} solved tasks is searched, drawn and walked through smoothly`,
  fn: async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "denizen-large-knowledge-" });
    await writeSolvedTasks(dataDir, TASKS);
    const serving = await startServing(dataDir);
    const browser = await openBrowser();
    try {
      await untilKnown(serving, TASKS);
      const { page, complaints } = await openPage(browser);
      await signIn(page, serving.signInUrl);
      await page.evaluate('location.hash = "/knowledge"');
      await page.getByText("100,000 attempts in the graph").waitFor();
      await untilDrawn(page, 1);
      await takePicture(page, "knowledge_100000_light");
      await findTask(page);
      await growPicture(page);
      await moveAround(page);
      await takePicture(page, "knowledge_many_light");
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
      await serving.stop();
      await Deno.remove(dataDir, { recursive: true });
    }
  },
});

/** The picture has come to rest so often. */
async function untilDrawn(page: Page, times: number): Promise<void> {
  const drawn = "performance.getEntriesByName('denizen:knowledge-drawn').length";
  await untilTrue(page, `${drawn} >= ${times}`);
}

/** One of them is found by its words, and shown with its neighbours. */
async function findTask(page: Page): Promise<void> {
  await page.getByRole("combobox", { name: "Find" }).fill("module77777");
  await page.getByRole("option", { name: /module77777 / }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 2, name: /measure module77777/ }).first().waitFor();
  await untilDrawn(page, 2);
}

/** From the task to its agent and on, until as much is shown as a page holds. */
async function growPicture(page: Page): Promise<void> {
  const around = page.locator(".knowledge-around");
  await around.getByRole("button", { name: /^measurer-\d+@1.0.0 / }).click();
  const more = around.getByRole("button", { name: "Show more" });
  for (let times = 3;; times++) {
    await untilDrawn(page, times);
    const shown = await countShown(page);
    console.log(`${shown} nodes are drawn`);
    assert.ok(shown <= SHOWN_MAX);
    if (shown >= 1_000) return;
    await more.click();
  }
}

async function countShown(page: Page): Promise<number> {
  const text = await page.getByText(/nodes? shown$/).innerText();
  return Number(text.replace(/\D/g, ""));
}

/** Drags and zooms, and looks at what the frames take beside those of a page at rest. */
async function moveAround(page: Page): Promise<void> {
  const box = (await page.locator(".knowledge-canvas").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const calm = await countFrames(page, () => page.waitForTimeout(1_000));
  const moved = await countFrames(page, async () => {
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 1; step <= 25; step++) await page.mouse.move(x + step * 6, y + step * 4);
    await page.mouse.up();
    for (let step = 0; step < 8; step++) await page.mouse.wheel(0, step % 2 === 0 ? -120 : 120);
    await page.waitForTimeout(300);
  });
  console.log(`frames at rest: ${calm.text}; while it moves: ${moved.text}`);
  assert.ok(moved.count >= 5 && moved.medianMs < 1_500, moved.text);
  const heap = await measureHeap(page);
  console.log(`heap of the page: ${(heap / 1e6).toFixed(0)} MB`);
  assert.ok(heap < 300e6, `${heap} bytes`);
}
