/**
 * The one HTML page of the dashboard, and what stands in its place while there is none. No inline
 * script and no inline style: the content security policy allows neither.
 *
 * @module
 */
import type { Entries } from "./bundle_browser.ts";

/** The page that loads the dashboard. It holds no data: those need a session. */
export function shellPage(entries: Entries): string {
  const preloads = entries.preloads.map((path) => `<link rel="modulepreload" href="${path}">`);
  const workers = Object.entries(entries.workers)
    .map(([name, path]) => `<meta name="denizen-worker" data-name="${name}" content="${path}">`);
  return page([
    `<link rel="icon" type="image/svg+xml" href="${entries.icon}">`,
    `<link rel="stylesheet" href="${entries.styles}">`,
    ...preloads,
    ...workers,
    `<script type="module" src="${entries.script}"></script>`,
  ], '<div id="app"></div>\n<noscript>The dashboard needs JavaScript.</noscript>');
}

/** The script of the page while the bundle is being made. */
export const AGAIN_PATH = "/assets/again.js";

/**
 * Loads the page again. A `Refresh` of an address with a fragment, such as a sign-in link, would only
 * go to that fragment, and leave the page as it is.
 */
export const AGAIN_SCRIPT = "setTimeout(() => location.reload(), 1000);\n";

/** While the bundle is being made; the browser asks again by itself. */
export function waitingPage(): string {
  const text = "<p>The dashboard is being prepared. This page loads again in a second.</p>";
  return page([`<script src="${AGAIN_PATH}" defer></script>`], text);
}

/** When the bundle could not be made. The reason is in the node's log: it may name paths. */
export function brokenPage(): string {
  const what = "<p>The dashboard could not be built. The node's log says why.</p>";
  return page([], `${what}\n<p>The API at /api/v1 works; /docs describes it.</p>`);
}

function page(head: string[], body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Denizen</title>
${head.join("\n")}
</head>
<body>
${body}
</body>
</html>
`;
}
