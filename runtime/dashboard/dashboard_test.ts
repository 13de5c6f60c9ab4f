import assert from "node:assert/strict";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createDashboard, type Dashboard } from "./dashboard.ts";

const ORIGIN = "http://127.0.0.1:7717";
const SCRIPTS_GZIP_MAX = 250_000;

const shared = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(shared, { recursive: true }));

/** The first one builds, the others take what it built. */
async function openDashboard(): Promise<Dashboard> {
  const dashboard = createDashboard({ cacheDir: shared });
  await dashboard.ready;
  return dashboard;
}

function fetchFrom(dashboard: Dashboard, path: string, init?: RequestInit): Response {
  const response = dashboard.fetch(new Request(ORIGIN + path, init));
  assert.ok(response, `${path} is not answered`);
  return response;
}

/** Paths of the files that the shell names. */
function filesOf(shell: string): string[] {
  return [...shell.matchAll(/(?:src|href|content)="(\/[^"]*)"/g)].map(([, path]) => path!);
}

Deno.test("createDashboard() serves a shell that loads from the node alone", async () => {
  const dashboard = await openDashboard();
  const response = fetchFrom(dashboard, "/");
  const shell = await response.text();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = response.headers.get("content-security-policy")!;
  assert.match(policy, /^default-src 'none'/);
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  assert.doesNotMatch(shell, /<script(?![^>]*\bsrc=)|<style|\bon\w+=|https?:\/\//);
  const files = filesOf(shell);
  assert.ok(files.length >= 3);
  for (const file of files) assert.equal(fetchFrom(dashboard, file).status, 200, file);
});

Deno.test("createDashboard() serves scripts and styles that name no other host", async () => {
  const dashboard = await openDashboard();
  const waiting = filesOf(await fetchFrom(dashboard, "/").text());
  const seen = new Set(waiting);
  for (const file of waiting) {
    const text = await fetchFrom(dashboard, file).text();
    if (file.endsWith(".css")) assert.doesNotMatch(text, /url\(|@import/);
    if (!file.endsWith(".js")) continue;
    const imports = [...text.matchAll(/(?<!")(?:from|import\(?)"([./\w@][^"]*)"/g)].map((
      [, name],
    ) => name!);
    for (const name of imports) {
      assert.match(name, /^\.\/[\w-]+\.js$/, `${file} imports ${name}`);
      const path = `/assets/${name.slice(2)}`;
      if (!seen.has(path)) waiting.push(path);
      seen.add(path);
    }
  }
  // The pages are apart from the first script.
  assert.ok([...seen].filter((path) => path.endsWith(".js")).length > 5);
});

Deno.test("createDashboard() keeps all scripts below 250 kB gzipped", async () => {
  const dashboard = await openDashboard();
  const sizes = dashboard.sizes()!;
  assert.ok(sizes.scriptsGzip <= SCRIPTS_GZIP_MAX, JSON.stringify(sizes));
  assert.ok(sizes.firstScriptsGzip < sizes.scriptsGzip);
});

Deno.test("createDashboard() serves files for good, in the smallest form that is taken", async () => {
  const dashboard = await openDashboard();
  const script = filesOf(await fetchFrom(dashboard, "/").text()).find((file) =>
    file.endsWith(".js")
  )!;
  const plain = await fetchFrom(dashboard, script).text();
  const decoders = { br: brotliDecompressSync, gzip: gunzipSync };
  for (const [accept, encoding] of [["gzip, br", "br"], ["gzip, br;q=0", "gzip"]] as const) {
    const response = fetchFrom(dashboard, script, { headers: { "accept-encoding": accept } });
    assert.equal(response.headers.get("content-encoding"), encoding);
    assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(response.headers.get("vary"), "accept-encoding");
    assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
    const decoded = decoders[encoding](new Uint8Array(await response.arrayBuffer()));
    assert.equal(decoded.toString(), plain);
  }
});

Deno.test("createDashboard() answers a known shell with 304, and HEAD without a body", async () => {
  const dashboard = await openDashboard();
  const etag = fetchFrom(dashboard, "/").headers.get("etag")!;
  for (const known of [etag, `"other", W/${etag}`, "*"]) {
    const response = fetchFrom(dashboard, "/", { headers: { "if-none-match": known } });
    assert.equal(response.status, 304, known);
    assert.equal(await response.text(), "");
  }
  const other = fetchFrom(dashboard, "/", { headers: { "if-none-match": '"other"' } });
  assert.equal(other.status, 200);
  const head = fetchFrom(dashboard, "/", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

Deno.test("createDashboard() answers nothing that is not in its map", async () => {
  const dashboard = await openDashboard();
  const paths = [
    "/assets/",
    "/assets/main.js",
    "/assets/%2e%2e%2fdeno.json",
    "/assets//etc/passwd",
  ];
  for (const path of paths) assert.equal(fetchFrom(dashboard, path).status, 404, path);
  for (const path of ["/assets/../deno.json", "/deno.json", "/api/v1/runs", "/index.html"]) {
    assert.equal(dashboard.fetch(new Request(ORIGIN + path)), null, path);
  }
  const post = fetchFrom(dashboard, "/", { method: "POST" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("createDashboard() takes what an earlier start made, and makes it anew when damaged", async () => {
  const cacheDir = await Deno.makeTempDir();
  try {
    const first = createDashboard({ cacheDir });
    await first.ready;
    const etag = fetchFrom(first, "/").headers.get("etag");
    const [entry, ...others] = await Array.fromAsync(Deno.readDir(cacheDir));
    assert.equal(others.length, 0);
    const file = join(cacheDir, entry!.name);
    const { ino } = await Deno.stat(file);
    const second = createDashboard({ cacheDir });
    await second.ready;
    assert.equal((await Deno.stat(file)).ino, ino);
    assert.equal(fetchFrom(second, "/").headers.get("etag"), etag);

    await Deno.writeTextFile(file, "{");
    const third = createDashboard({ cacheDir });
    await third.ready;
    assert.equal(fetchFrom(third, "/").headers.get("etag"), etag);
    assert.deepEqual(
      JSON.parse(await Deno.readTextFile(file)).entries.script.slice(0, 8),
      "/assets/",
    );
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
});

Deno.test("createDashboard() says so while it is not ready", async () => {
  const cacheDir = await Deno.makeTempDir();
  try {
    const dashboard = createDashboard({ cacheDir });
    const response = fetchFrom(dashboard, "/");
    assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "1"]);
    const [, script] = /<script src="([^"]+)"/.exec(await response.text())!;
    assert.match(await fetchFrom(dashboard, script!).text(), /location\.reload\(\)/);
    assert.equal(dashboard.sizes(), null);
    await dashboard.ready;
    assert.equal(fetchFrom(dashboard, "/").status, 200);
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
});
