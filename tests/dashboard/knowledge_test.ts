import assert from "node:assert/strict";
import type { BrowserContextOptions, Page } from "playwright-core";
import { COUNT_LINES_ATTEMPTS, registerCounters, runUntil } from "./agent_sources.ts";
import { findBarriers } from "./barriers.ts";
import { openBrowser } from "./open_browser.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { untilKnown } from "./until_known.ts";
import { assertFits, untilTrue } from "./until_true.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

const RUNS = 3;

async function withSolvedTasks(use: (serving: Serving) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "denizen-knowledge-" });
  const serving = await startServing(dataDir);
  try {
    await registerCounters(serving);
    for (let run = 0; run < RUNS; run++) await runUntil(serving, "count-lines", "completed");
    await untilKnown(serving, RUNS * COUNT_LINES_ATTEMPTS);
    await use(serving);
  } finally {
    await serving.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function openKnowledge({ url }: Serving, page: Page): Promise<void> {
  await page.goto(`${url}/#/knowledge`);
  await page.getByRole("heading", { level: 2, name: "Begin with" }).waitFor();
}

Deno.test("the graph of solved tasks is walked by keys", (t) =>
  withSolvedTasks(async (serving) => {
    const browser = await openBrowser();
    try {
      const { page, complaints } = await openPage(browser);
      await signIn(page, serving.signInUrl);
      const storageState = await page.context().storageState();
      await t.step("in the picture and in the list", async () => {
        await openKnowledge(serving, page);
        await walkPicture(page);
        await walkList(page);
        await walkFast(page);
        await findFast(page);
        await findWay(page);
        await takeExports(page);
        assert.deepEqual(await findBarriers(page), []);
        await lookDark(page);
        assert.deepEqual(complaints, []);
      });
      await t.step("by the list alone in a browser without WebGL", async () => {
        await walkWithoutPicture(serving, storageState);
      });
    } finally {
      await browser.close();
    }
  }));

const selected = (page: Page) => page.locator(".knowledge-node h2");

/** Arrow keys select, Enter goes on, Escape comes back. */
async function walkPicture(page: Page): Promise<void> {
  const picture = page.getByRole("application");
  await picture.focus();
  const seen = new Set<string>();
  for (const key of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "ArrowRight"]) {
    await page.keyboard.press(key);
    seen.add(await selected(page).innerText());
  }
  assert.ok(seen.size >= 2, `saw only ${[...seen].join("; ")}`);
  const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
  assert.equal(outline, "solid");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 2, name: /^Around / }).waitFor();
  await takePicture(page, "knowledge_light");
  assert.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { level: 2, name: "Begin with" }).waitFor();
}

/** The list leads the same ways: from an agent to a task of its own and back. */
async function walkList(page: Page): Promise<void> {
  await page.getByRole("button", { name: "From the beginning" }).click();
  const agent = page.locator(".node-line", { hasText: "count-lines/quick" }).first();
  await agent.focus();
  await selected(page).getByText("count-lines/quick").waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 2, name: "Around count-lines/quick" }).waitFor();
  // The first line of the new list has the focus, so that the walk goes on.
  await page.locator(".node-line:focus").waitFor();
  await page.keyboard.press("End");
  const last = await page.locator(".node-line:focus .node-name").innerText();
  await selected(page).getByText(last, { exact: true }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("heading", { level: 2, name: `Around ${last}` }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { level: 2, name: "Around count-lines/quick" }).waitFor();
}

/** Keys count from the moment that a list is there, before it is painted. */
async function walkFast(page: Page): Promise<void> {
  await page.getByRole("button", { name: "From the beginning" }).click();
  await page.locator(".node-line", { hasText: "count-lines/quick" }).first().focus();
  await page.evaluate(ESCAPE_AT_ONCE);
  await page.keyboard.press("Enter");
  await untilTrue(page, "isEscaped");
  await page.getByRole("heading", { level: 2, name: "Begin with" }).waitFor();
  // Nothing brings back what was left.
  await page.evaluate(TWO_FRAMES);
  await page.getByRole("heading", { level: 2, name: "Begin with" }).waitFor();
  assert.equal(new URL(page.url()).hash, "#/knowledge");
}

const ESCAPE_AT_ONCE = `
  window.isEscaped = false;
  new MutationObserver((_, observer) => {
    const title = document.querySelector(".knowledge-around h2").textContent;
    if (!title.startsWith("Around")) return;
    observer.disconnect();
    isEscaped = true;
    const key = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(key);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
`;
const TWO_FRAMES = `new Promise((resolve) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 100))))`;

/** Enter counts for the words as they are, also before the node has answered. */
async function findFast(page: Page): Promise<void> {
  const search = page.getByRole("combobox", { name: "Find" });
  await search.fill("count-lines/steady");
  await search.press("Enter");
  await page.getByRole("heading", { level: 2, name: "Around count-lines/steady" }).waitFor();
}

/** Two agents are linked by what both can do. */
async function findWay(page: Page): Promise<void> {
  await goTo(page, "quick");
  await page.getByRole("button", { name: "Way from here" }).click();
  await goTo(page, "steady");
  await page.getByRole("button", { name: "Way to here" }).click();
  await page.getByRole("button", { name: "Find the way" }).click();
  await page.getByRole("heading", { level: 2, name: "The way" }).waitFor();
  const steps = await page.locator(".knowledge-around .node-name").allInnerTexts();
  assert.equal(steps.at(0), "count-lines/quick");
  assert.equal(steps.at(-1), "count-lines/steady");
  assert.ok(steps.length >= 3, steps.join(" "));
  await takePicture(page, "knowledge_way_light");
}

/** By the search, among agents. */
async function goTo(page: Page, agent: string): Promise<void> {
  await page.getByLabel("Among").selectOption("agent");
  await page.getByRole("combobox", { name: "Find" }).fill(agent);
  await page.getByRole("option", { name: new RegExp(`count-lines/${agent}`) }).click();
  await page.getByRole("heading", { level: 2, name: `Around count-lines/${agent}` }).waitFor();
}

/** The whole graph as a file, with the session's cookie. */
async function takeExports(page: Page): Promise<void> {
  for (const [name, pattern] of [["GEXF", /<gexf/], ["GraphML", /<graphml/], ["JSON", /^\{/]]) {
    const href = await page.getByRole("link", { name: name as string }).getAttribute("href");
    const text = await page.evaluate<string>(
      `fetch(${JSON.stringify(href)}).then((r) => r.text())`,
    );
    assert.match(text, pattern as RegExp);
    assert.match(text, /count-lines\/quick/);
  }
}

async function lookDark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.getByRole("button", { name: "From the beginning" }).click();
  await page.getByRole("heading", { level: 2, name: "Begin with" }).waitFor();
  await takePicture(page, "knowledge_dark");
  assert.deepEqual(await findBarriers(page), []);
  await page.setViewportSize({ width: 390, height: 844 });
  await takePicture(page, "knowledge_narrow");
  await assertFits(page);
}

/** @param storageState of who has signed in: the printed link is good for one sign-in */
async function walkWithoutPicture(
  serving: Serving,
  storageState: BrowserContextOptions["storageState"],
): Promise<void> {
  const browser = await openBrowser(["--disable-3d-apis"]);
  try {
    const { page, complaints } = await openPage(browser, { storageState });
    await openKnowledge(serving, page);
    await page.getByText("This browser draws no WebGL").waitFor();
    assert.equal(await page.getByRole("application").count(), 0);
    await walkList(page);
    assert.deepEqual(await findBarriers(page), []);
    await takePicture(page, "knowledge_without_webgl_light");
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}
