import axe from "axe-core";
import type { Page } from "playwright-core";
import { untilTrue } from "./until_true.ts";

/**
 * What axe finds that keeps somebody out, once nothing moves any more: half-way between two colours
 * the contrast is that of neither.
 *
 * @param within selector of the part that is looked at
 */
export async function findBarriers(page: Page, within = "html"): Promise<string[]> {
  await untilTrue(page, IS_AT_REST);
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(${JSON.stringify(within)})`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}

/** What pulses without end says that something goes on: it is part of the picture. */
const IS_AT_REST = `document.getAnimations().every((animation) =>
  animation.playState !== "running" ||
  animation.effect.getComputedTiming().endTime === Infinity)`;
