import assert from "node:assert/strict";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { startDenizen } from "../cli/denizen_process.ts";
import { call, registerCounters, runUntil } from "./agent_sources.ts";
import { findBarriers } from "./barriers.ts";
import { openBrowser } from "./open_browser.ts";
import { type Serving, startServing } from "./serve_process.ts";
import { openPage, signIn, takePicture } from "./watched_page.ts";

const SYSTEM = join(import.meta.dirname!, "../../examples/word_index/system.yaml");

/** The heading of each place. */
const PAGES: readonly (readonly [path: string, heading: string])[] = [
  ["/", "Overview"],
  ["/runs", "Runs"],
  ["/runs?status=failed&period=24h", "Runs"],
  ["/workflows", "Workflows"],
  ["/workflows/new", "Register a workflow"],
  ["/workflows/hello", "hello"],
  ["/workflows/hello?tab=source", "hello"],
  ["/workflows/hello?tab=versions", "hello"],
  ["/workflows/hello/start", "Start hello"],
  ["/agents", "Agents"],
  ["/agents/new", "Register an agent"],
  // Two pages of one heading stay apart: a heading that is there already says nothing.
  ["/agents/line-counter/1.1.0", "line-counter"],
  ["/agents/quick?workflow=count-lines", "quick"],
  ["/agents/line-counter/1.0.0", "line-counter"],
  ["/knowledge", "Knowledge"],
  ["/knowledge?node=agent%3Acount-lines%2Fquick", "Knowledge"],
  ["/systems", "Actor systems"],
  ["/systems/word-index", "word-index"],
  ["/cluster", "Cluster"],
  ["/dead-letters", "Dead letters"],
  ["/audit", "Audit"],
  ["/keys", "API keys"],
  ["/nowhere", "No such page"],
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

/** Goes there without loading the page again, and waits until nothing is being loaded. */
async function visit(page: Page, path: string, heading: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
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
        for (const [path, heading] of PAGES) {
          await visit(page, path, heading);
          barriers.push(
            ...(await findBarriers(page)).map((one) => `${colorScheme} ${path} ${one}`),
          );
        }
      }
      assert.deepEqual(barriers, []);
      await page.setViewportSize({ width: 360, height: 740 });
      for (const [path, heading] of PAGES) {
        await visit(page, path, heading);
        const width = await page.evaluate<number>("document.documentElement.scrollWidth");
        assert.ok(width <= 360, `${path} is ${width} px wide`);
      }
      await takePicture(page, "not_found_narrow");
      assert.deepEqual(complaints, []);
      assert.deepEqual(elsewhere, []);

      await tryStartForm(page);
      await tryKeys(page);
      await tryDeadLetter(page);
      await tryPalette(page);
      // Refusals on purpose are complaints of the console, too.
      assert.deepEqual(complaints.filter((one) => !/status of 422/.test(one)), []);
    }),
});

/** What is missing is told at its field by the page, what is wrong by the node. */
async function tryStartForm(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
  await visit(page, "/workflows/hello/start", "Start hello");
  await page.getByRole("button", { name: "Start the run" }).click();
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
  await visit(page, "/keys", "API keys");
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
  await visit(page, "/dead-letters", "Dead letters");
  await page.getByRole("link", { name: "walk" }).first().click();
  await page.getByRole("heading", { level: 2, name: "Payload" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
}

/** From anywhere to anywhere by keys alone; the theme is remembered. */
async function tryPalette(page: Page): Promise<void> {
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.getByRole("heading", { level: 1, name: "Runs" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("dark theme");
  assert.deepEqual(await findBarriers(page), []);
  await page.keyboard.press("Enter");
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.reload();
  await page.locator('html[data-theme="dark"]').waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Sign in to Denizen" }).waitFor();
  assert.deepEqual(await findBarriers(page), []);
}
