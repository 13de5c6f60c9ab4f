import axe from "axe-core";
import type { Page } from "playwright-core";

/**
 * What axe finds that keeps somebody out.
 *
 * @param within selector of the part that is looked at
 */
export async function findBarriers(page: Page, within = "html"): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>(
    `axe.run(${JSON.stringify(within)})`,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
}
