import type { Page } from "playwright-core";
import { WAIT_MS } from "./watched_page.ts";

const PAUSE_MS = 50;

/**
 * Waits until an expression holds in the page. Playwright's own way, `waitForFunction`, evaluates in
 * the page, which its content security policy forbids.
 *
 * @throws {Error} with what `complain` says, when it does not come to hold
 */
export async function untilTrue(
  page: Page,
  expression: string,
  complain: () => Promise<string> = () => Promise.resolve(`Not in time: ${expression}`),
): Promise<void> {
  const endsAt = performance.now() + WAIT_MS;
  while (!await page.evaluate(`Boolean(${expression})`)) {
    if (performance.now() > endsAt) throw new Error(await complain());
    await page.waitForTimeout(PAUSE_MS);
  }
}

/** The page scrolls down, never sideways, once it has taken the width of its window. */
export async function assertFits(page: Page): Promise<void> {
  const width = "document.documentElement.scrollWidth";
  await untilTrue(
    page,
    `${width} <= innerWidth`,
    async () => `${page.url()} is ${await page.evaluate(width)} px wide`,
  );
}
