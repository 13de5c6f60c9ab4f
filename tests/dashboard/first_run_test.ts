import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { withFolder } from "../cli/denizen_process.ts";
import { openBrowser } from "./open_browser.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { writeSlowWorkflow } from "./slow_workflow.ts";
import { assertFits } from "./until_true.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

/** What is audited: small, and with something to find. */
const AUDITED = {
  "main.ts": 'import { add } from "./add.ts";\n\nconsole.log(add(1, 2));\n',
  "add.ts":
    "/** Adds. */\nexport function add(a: number, b: number): number {\n  return a + b;\n}\n",
  "README.md": "# Sums\n\nAdds numbers.\n",
  "package.json": '{ "name": "sums", "version": "1.0.0", "license": "MIT" }\n',
};

Deno.test({
  name: "a stranger signs in by the printed link, kills a task, retries it, and audits a folder",
  fn: () =>
    withFolder(AUDITED, async (folder) => {
      const dataDir = await Deno.makeTempDir({ prefix: "denizen-first-run-" });
      const slow = await Deno.makeTempDir({ prefix: "denizen-slow-" });
      const serving = await startServing(dataDir, [await writeSlowWorkflow(slow)]);
      const browser = await openBrowser();
      try {
        const { page, complaints } = await openPage(browser);
        await signIn(page, serving.signInUrl);
        await takePicture(page, "overview_light");
        await page.evaluate('document.body.dataset.loadedOnce = "yes"');
        // In this order the page of a run is at hand when the audit, which is soon over, begins.
        await killAndRetry(page);
        await auditFolder(page, folder, join(dataDir, "report"));
        // Without loading the page again: the mark that was put on it is still there.
        assert.equal(await page.evaluate("document.body.dataset.loadedOnce"), "yes");
        assert.deepEqual(complaints, []);
        await assertLinkIsSpent(serving);
      } finally {
        await browser.close();
        await serving.stop();
        await Deno.remove(dataDir, { recursive: true });
        await Deno.remove(slow, { recursive: true });
      }
    }),
});

/** From the list of workflows to the report. */
async function auditFolder(page: Page, folder: string, out: string): Promise<void> {
  await page.getByRole("link", { name: "Workflows" }).click();
  await page.getByRole("link", { name: "repo-audit" }).first().click();
  await page.getByRole("link", { name: /start/i }).first().click();
  await page.getByLabel(/^path/i).fill(folder);
  await page.getByLabel(/^out/i).fill(out);
  await takePicture(page, "start_form_light");
  await page.evaluate(NOTE_PICTURES);
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByRole("heading", { name: /repo-audit/ }).waitFor();
  await untilCompleted(page);
  await takePicture(page, "run_completed_light");
  const pictures = await page.evaluate<string[]>("[...pictures]");
  assert.ok(pictures.length >= 2, `saw only ${pictures.join("; ")}`);
  assert.match(pictures.at(-1)!, /^completed(?: completed)+$/);
  await openReport(page);
}

/** From now on the page itself notes how its graph looks after each change: none is missed. */
const NOTE_PICTURES = `
  window.pictures = new Set();
  new MutationObserver(() => {
    const marks = [...document.querySelectorAll(".dag-node")].map(({ dataset }) => dataset.status);
    if (marks.length > 0) pictures.add(marks.join(" "));
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
`;

async function untilCompleted(page: Page): Promise<void> {
  const badge = page.locator(".page-head .badge");
  await badge.and(page.locator('[data-status="completed"], [data-status="failed"]')).waitFor();
  if (await badge.getAttribute("data-status") === "completed") return;
  assert.fail(await page.locator(".notice").first().innerText());
}

async function openReport(page: Page): Promise<void> {
  const opened = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "report.html" }).first().click();
  const report = await opened;
  await report.waitForLoadState();
  assert.match(await report.locator("body").innerText(), /TypeScript/);
  await takePicture(report, "report");
  await report.close();
}

/** A task that would take ten minutes is killed: the run fails, is retried, and completes. */
async function killAndRetry(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Workflows" }).click();
  await page.getByRole("link", { name: "slow-report" }).first().click();
  await page.getByRole("link", { name: /start/i }).first().click();
  await page.getByRole("button", { name: "Start the run" }).click();
  const long = page.locator('.dag-node[data-status="running"]', { hasText: "long" });
  await long.waitFor();
  await page.locator('.dag-node[data-status="completed"]', { hasText: "fetch" }).waitFor();
  await long.locator(".dag-node-main").click();
  const panel = page.getByRole("complementary", { name: "Task long" });
  await panel.getByText("begins long").waitFor();
  await takePicture(page, "run_running_light");
  await takeOtherPictures(page);
  await panel.getByRole("button", { name: "Cancel task" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the task" }).click();
  const badge = page.locator(".page-head .badge");
  await badge.and(page.locator('[data-status="failed"]')).waitFor();
  await panel.getByText("CANCELLED").first().waitFor();
  await takePicture(page, "task_panel_failed_light");
  await page.getByRole("button", { name: "Retry run" }).click();
  await badge.and(page.locator('[data-status="completed"]')).waitFor();
  await page.getByRole("tab", { name: "Input and output" }).click();
  await page.getByRole("tabpanel").getByText('"long"').first().waitFor();
}

/** The same run in the dark, on a telephone, and by its other views. */
async function takeOtherPictures(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "dark" });
  await takePicture(page, "run_running_dark");
  await page.getByRole("tab", { name: "Timeline" }).click();
  await page.getByRole("list", { name: "Attempts by task" }).getByText("fetch[6]").waitFor();
  await takePicture(page, "timeline_dark");
  await page.emulateMedia({ colorScheme: "light" });
  await takePicture(page, "timeline_light");
  await page.getByRole("tab", { name: "Tasks" }).click();
  await page.getByRole("table", { name: "Tasks" }).getByText("summary").waitFor();
  await takePicture(page, "tasks_light");
  await page.getByRole("tab", { name: "Graph" }).click();
  await page.setViewportSize({ width: 390, height: 844 });
  await takePicture(page, "task_panel_narrow");
  await page.getByRole("button", { name: "Close the task" }).click();
  await takePicture(page, "run_narrow");
  await assertFits(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.locator(".dag-node", { hasText: "long" }).locator(".dag-node-main").click();
}

/** A link that was used signs nobody else in. */
async function assertLinkIsSpent({ url, signInUrl }: Serving): Promise<void> {
  const token = signInUrl.split("/").at(-1)!;
  const response = await fetch(`${url}/api/v1/auth/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: JSON.stringify({ token }),
  });
  assert.equal(response.status, 401, await response.text());
  assert.equal(response.headers.get("set-cookie"), null);
}
