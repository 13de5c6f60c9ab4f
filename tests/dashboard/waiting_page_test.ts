import assert from "node:assert/strict";
import { createDashboard, type Dashboard } from "../../runtime/dashboard/mod.ts";
import { openBrowser } from "./open_browser.ts";
import { openPage } from "./watched_page.ts";

Deno.test("a sign-in link that is opened before the dashboard is made waits for it", async () => {
  const cacheDir = await Deno.makeTempDir({ prefix: "denizen-waiting-" });
  const browser = await openBrowser();
  let dashboard: Dashboard | undefined;
  const statuses: number[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    // The first request comes when it has just begun.
    dashboard ??= createDashboard({ cacheDir });
    const response = dashboard.fetch(request) ?? new Response(null, { status: 404 });
    if (new URL(request.url).pathname === "/") statuses.push(response.status);
    return response;
  });
  try {
    const { page } = await openPage(browser);
    await page.goto(`http://127.0.0.1:${server.addr.port}/#/sign-in/token`);
    // There is no node behind it: the page tells of that once it is there.
    await page.getByRole("heading", { name: /sign in/i }).waitFor();
    assert.equal(statuses[0], 503);
    assert.equal(statuses.at(-1), 200);
  } finally {
    await browser.close();
    await server.shutdown();
    await Deno.remove(cacheDir, { recursive: true });
  }
});
