import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { startDenizen } from "../cli/denizen_process.ts";
import { call, COUNT_LINES_ATTEMPTS, registerCounters, runUntil } from "./agent_sources.ts";
import { findBarriers } from "./barriers.ts";
import { openBrowser } from "./open_browser.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { untilKnown } from "./until_known.ts";
import { assertFits } from "./until_true.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

const SYSTEM = join(import.meta.dirname!, "../../examples/word_index/system.yaml");

/** The heading of each place, and what it shows in the end: no other place shows it. */
const PAGES: readonly (readonly [path: string, heading: string, shown: RegExp])[] = [
  ["/", "Overview", /Slowest tasks.*count-lines/],
  ["/runs", "Runs", /Newest first.*nightly/],
  ["/runs?status=failed&period=24h", "Runs", /No run matches/],
  ["/runs/zzz", "Run", /There is no run "zzz"/],
  ["/workflows", "Workflows", /count-lines.*repo-audit/],
  ["/workflows/new", "Register a workflow", /YAML or JSON/],
  ["/workflows/hello", "hello", /Registered.*first key/],
  ["/workflows/hello?tab=source", "hello", /description: Greets somebody/],
  ["/workflows/hello?tab=versions", "hello", /Difference.*version: 1\.0\.0/],
  ["/workflows/hello/start", "Start hello", /Whom to greet/],
  ["/agents", "Agents", /refused: 1 finding.*Of workflows.*steady/],
  ["/agents/new", "Register an agent", /What it may reach/],
  ["/agents/line-counter/1.1.0", "line-counter", /gave \{"lines":3\} instead of \{"lines":2\}/],
  ["/agents/quick?workflow=count-lines", "quick", /of the workflow count-lines/],
  ["/agents/line-counter/1.0.0", "line-counter", /line-counter@1\.0\.0/],
  ["/knowledge", "Knowledge", /6 attempts in the graph.*Begin with/],
  ["/knowledge?node=agent%3Acount-lines%2Fquick", "Knowledge", /Around count-lines\/quick/],
  ["/systems", "Actor systems", /word-index.*stopped/],
  ["/systems/word-index", "word-index", /Supervision tree.*reader\/3/],
  ["/cluster", "Cluster", /answers you/],
  ["/dead-letters", "Dead letters", /actor:\/\/walker\/main/],
  ["/audit", "Audit", /Signed in by a one-time link/],
  ["/keys", "API keys", /first key/],
  ["/nowhere", "No such page", /There is no page "\/nowhere"/],
];

function helloWorkflow(version: string): string {
  return `name: hello
version: ${version}
description: Greets somebody
input:
  type: object
  required: [who, address]
  properties:
    who: { type: string, pattern: "^[A-Z]", description: Whom to greet }
    mood: { enum: [kind, stern], default: kind }
    times: { type: integer, minimum: 1, default: 1 }
    loud: { type: boolean, default: false }
    topics: { type: array, items: { type: string }, default: [] }
    address: { type: object, required: [city], properties: { city: { type: string } } }
tasks:
  greet: { value: { text: "Hello, \${{ input.who }} of \${{ input.address.city }}" } }
output: "\${{ tasks.greet.output }}"
`;
}

/** A node with something on each page. */
async function seed(serving: Serving, dataDir: string): Promise<void> {
  for (const version of ["1.0.0", "1.1.0"]) {
    await call(serving, "/workflows", { source: helloWorkflow(version) });
  }
  for (const who of ["Ada", "Grace", "Barbara"]) {
    const input = { who, address: { city: "Bern" } };
    await call(serving, "/runs", { workflow: "hello", input, tags: ["nightly"] });
  }
  await registerCounters(serving);
  await runUntil(serving, "count-lines", "completed");
  await untilKnown(serving, COUNT_LINES_ATTEMPTS);
  // In a folder without documents its actors crash: there is a tree, and a dead letter.
  const system = startDenizen(["actors", "run", SYSTEM, "--data", dataDir], dataDir);
  await system.saw("dead letter");
  system.child.kill("SIGINT");
  await system.finished;
}

async function withServing(
  use: (serving: Serving, browser: Browser) => Promise<void>,
): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "denizen-pages-" });
  const serving = await startServing(dataDir);
  const browser = await openBrowser();
  try {
    await seed(serving, dataDir);
    await use(serving, browser);
  } finally {
    await browser.close();
    await serving.stop();
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** Goes there without loading the page again, and waits until it shows what it is for. */
async function visit(page: Page, place: string): Promise<void> {
  const [path, heading, shown] = PAGES.find(([path]) => path === place)!;
  await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
  await page.getByRole("main").filter({ hasText: shown }).waitFor();
  await page.locator("main .loading").waitFor({ state: "detached" });
  // A refused agent says why.
  const refused = path.startsWith("/agents/line-counter/1.1.0") ? 1 : 0;
  assert.equal(await page.locator("main .notice.is-error").count(), refused, path);
}

Deno.test({
  name: "every page shows what it is for, without errors, barriers or requests to elsewhere",
  fn: () =>
    withServing(async (serving, browser) => {
      const { page, complaints } = await openPage(browser);
      const elsewhere: string[] = [];
      page.on("request", (request) => {
        if (new URL(request.url()).origin !== serving.url) elsewhere.push(request.url());
      });
      await signIn(page, serving.signInUrl);
      const barriers: string[] = [];
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        for (const [path] of PAGES) {
          await visit(page, path);
          barriers.push(
            ...(await findBarriers(page)).map((one) => `${colorScheme} ${path} ${one}`),
          );
        }
      }
      assert.deepEqual(barriers, []);
      await page.setViewportSize({ width: 360, height: 740 });
      for (const [path] of PAGES) {
        await visit(page, path);
        await assertFits(page);
      }
      await takePicture(page, "not_found_narrow");
      assert.deepEqual(complaints, []);
      assert.deepEqual(elsewhere, []);

      await tryLeaving(page);
      await tryStartForm(page);
      await tryKeys(page);
      await tryDeadLetter(page);
      await tryPalette(page);
      // Refusals on purpose are complaints of the console, too.
      assert.deepEqual(complaints.filter((one) => !/status of 422/.test(one)), []);
    }),
});

/** Whoever has followed a link gets there, whatever the page that is left does meanwhile. */
async function tryLeaving(page: Page): Promise<void> {
  await visit(page, "/workflows/hello");
  await page.evaluate(
    `location.hash = "/cluster"; document.querySelector('[role="tab"]:last-child').click()`,
  );
  await page.getByRole("heading", { level: 1, name: "Cluster" }).waitFor();
  assert.equal(new URL(page.url()).hash, "#/cluster");
}

/** What is missing is told at its field by the page, what is wrong by the node. */
async function tryStartForm(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await visit(page, "/workflows/hello/start");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.getByText("Fill this in").nth(1).waitFor();
  assert.equal(await page.getByText("Fill this in").count(), 2);
  await page.getByLabel("City").fill("Bern");
  await page.getByLabel("Who").fill("ada");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.locator(".field", { hasText: "Whom to greet" }).getByText(/must match pattern/)
    .waitFor();
  assert.equal(await page.getByLabel("Who").getAttribute("aria-invalid"), "true");
  await takePicture(page, "start_form_refused");
  await page.getByLabel("Who").fill("Ada");
  await page.getByRole("button", { name: "Start the run" }).click();
  await page.waitForURL(/#\/runs\/[0-9A-Z]{26}$/);
}

/** A key is shown once, and can be revoked. */
async function tryKeys(page: Page): Promise<void> {
  await visit(page, "/keys");
  await page.getByRole("button", { name: "Create a key" }).click();
  await page.getByLabel("Name").fill("ci");
  await page.getByRole("button", { name: "Create the key" }).click();
  await page.getByText(/^dnz_[0-9A-Za-z]+_\S{20,}$/).waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await page.getByRole("button", { name: "I have kept it" }).click();
  const line = page.getByRole("row", { name: /^ci/ });
  await line.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("button", { name: "Revoke the key" }).click();
  await line.getByText("revoked").waitFor();
}

async function tryDeadLetter(page: Page): Promise<void> {
  await visit(page, "/dead-letters");
  await page.getByRole("link", { name: "walk" }).first().click();
  await page.getByRole("heading", { level: 2, name: "Payload" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
}

/** From anywhere to anywhere by keys alone; the theme is remembered. */
async function tryPalette(page: Page): Promise<void> {
  // As fast as a hand: the second key is down before anybody knows what came of the first.
  await Promise.all([page.keyboard.press("g"), page.keyboard.press("r")]);
  await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("dark theme");
  await page.getByRole("option", { name: "Dark theme", exact: true }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("Enter");
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.reload();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in to Denizen" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
}
