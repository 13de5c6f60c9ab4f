/**
 * A page of the dashboard whose console is watched, and pictures of it.
 *
 * @module
 */
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

const SCREENSHOTS = join(import.meta.dirname!, "../../ci-output/screenshots");

/** How long a page is waited for. A machine that is busy is slow, not broken. */
export const WAIT_MS = 120_000;

/** A page, and what it complained about. */
export interface WatchedPage {
  page: Page;
  /** Errors of the console and of scripts, each with its place. */
  complaints: string[];
}

/** Opens an empty page in a session of its own. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: "light",
    ...options,
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // Software that stands in for a graphics card says how slow it is.
    if (message.text().includes("GL Driver Message (OpenGL, Performance")) return;
    // A node that was not ready for a moment is asked again: so says the page's own client.
    if (message.text().includes("responded with a status of 503")) return;
    complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(error.stack ?? error.message));
  return { page, complaints };
}

/** Keeps a picture of what is seen, as output of CI. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await Deno.mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: "disabled" });
}

/** Signs a page in by the link that a node printed. */
export async function signIn(page: Page, signInUrl: string): Promise<void> {
  await page.goto(signInUrl);
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
}
