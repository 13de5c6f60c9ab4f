/**
 * Permissions are real: every way out that we know of is tried by a real agent in a real cell.
 * Each attempt ends as `PERMISSION_DENIED` and is reported, also when the agent swallows the error.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Permissions } from "../../actors/manifest.ts";
import { agentSource, CellHarness, codeOf } from "./cell_harness.ts";

/** A granted folder beside a secret one, with links that lead out. */
async function makeFolders(): Promise<{ root: string; granted: string; secret: string }> {
  const root = await Deno.realPath(await Deno.makeTempDir({ prefix: "permissions " }));
  const [granted, secret] = [join(root, "granted"), join(root, "secret")];
  await Deno.mkdir(join(granted, "deep"), { recursive: true });
  await Deno.mkdir(secret);
  await Deno.writeTextFile(join(granted, "file.txt"), "granted");
  await Deno.writeTextFile(join(secret, "file.txt"), "secret");
  await Deno.symlink(join(secret, "file.txt"), join(granted, "link.txt"));
  await Deno.symlink("../secret", join(granted, "folder-link"));
  await Deno.symlink("../../secret/file.txt", join(granted, "deep", "relative-link"));
  await Deno.symlink(join(secret, "not-yet.txt"), join(granted, "dangling"));
  await Deno.symlink("/proc/self/environ", join(granted, "environ"));
  await Deno.symlink("/proc/self/root", join(granted, "slash"));
  await Deno.symlink("file.txt", join(granted, "inner-link"));
  await Deno.symlink("loop-b", join(granted, "loop-a"));
  await Deno.symlink("loop-a", join(granted, "loop-b"));
  await Deno.writeTextFile(join(secret, "module.ts"), "export default 'secret module';");
  return { root, granted, secret };
}

interface Escape {
  name: string;
  /** Body of `run`; `input` holds the folders. */
  body: string;
  permissions?: (folders: { granted: string; secret: string }) => Partial<Permissions>;
  /** `permission` of the report; absent where nothing is asked because there is nothing. */
  asked?: string;
  codes?: string[];
}

const READ = ({ granted }: { granted: string }) => ({ read: [granted] });
const WRITE = ({ granted }: { granted: string }) => ({ read: [granted], write: [granted] });

const ESCAPES: Escape[] = [
  {
    name: "a read outside",
    body: "return Deno.readTextFileSync(input.secret + '/file.txt')",
    asked: "read",
  },
  {
    name: "a read through ..",
    body: "return Deno.readTextFileSync(input.granted + '/../secret/file.txt')",
    asked: "read",
  },
  {
    name: "a read through a link",
    body: "return Deno.readTextFileSync(input.granted + '/link.txt')",
    asked: "read",
  },
  {
    name: "an asynchronous read through a link to a folder",
    body: "return await Deno.readTextFile(input.granted + '/folder-link/file.txt')",
    asked: "read",
  },
  {
    name: "a read through a relative link",
    body: "return Deno.readTextFileSync(input.granted + '/deep/relative-link')",
    asked: "read",
  },
  {
    name: "a listing through a link",
    body: "return [...Deno.readDirSync(input.granted + '/folder-link')].length",
    asked: "read",
  },
  {
    name: "a link to /proc",
    body: "return Deno.readTextFileSync(input.granted + '/environ')",
    asked: "read",
  },
  {
    name: "a link to /proc/self/root",
    body: "return Deno.readTextFileSync(input.granted + '/slash/etc/hostname')",
    asked: "read",
  },
  {
    name: "/proc/self/environ",
    body: "return Deno.readTextFileSync('/proc/self/environ')",
    asked: "read",
  },
  {
    name: "/proc/self/root",
    body: "return Deno.readTextFileSync('/proc/self/root' + input.granted + '/file.txt')",
    asked: "read",
  },
  { name: "/dev/fd", body: "return Deno.readTextFileSync('/dev/fd/0')", asked: "read" },
  {
    name: "links in a loop",
    body: "return Deno.readTextFileSync(input.granted + '/loop-a')",
    asked: "read",
  },
  {
    name: "node:fs",
    body: "return (await import('node:fs')).readFileSync(input.secret + '/file.txt', 'utf8')",
    asked: "read",
  },
  {
    name: "fetch of a file",
    body: "return await (await fetch('file://' + input.secret + '/file.txt')).text()",
    asked: "read",
  },
  {
    name: "a write outside",
    body: "Deno.writeTextFileSync(input.secret + '/new.txt', 'x')",
    permissions: WRITE,
    asked: "write",
  },
  {
    name: "a write through a link",
    body: "Deno.writeTextFileSync(input.granted + '/link.txt', 'x')",
    permissions: WRITE,
    asked: "write",
  },
  {
    name: "a write through a dangling link",
    body: "Deno.writeTextFileSync(input.granted + '/dangling', 'x')",
    permissions: WRITE,
    asked: "write",
  },
  {
    name: "a write into a linked folder",
    body: "Deno.writeTextFileSync(input.granted + '/folder-link/new.txt', 'x')",
    permissions: WRITE,
    asked: "write",
  },
  {
    name: "a new symbolic link",
    body:
      "Deno.symlinkSync(input.secret, input.granted + '/mine'); return Deno.readTextFileSync(input.granted + '/mine/file.txt')",
    permissions: WRITE,
    asked: "write",
  },
  {
    name: "a new hard link",
    body:
      "Deno.linkSync(input.secret + '/file.txt', input.granted + '/mine'); return Deno.readTextFileSync(input.granted + '/mine')",
    permissions: WRITE,
    asked: "read",
  },
  {
    name: "a rename from outside",
    body: "Deno.renameSync(input.secret + '/file.txt', input.granted + '/mine')",
    permissions: WRITE,
    asked: "read",
  },
  {
    name: "a write with read only",
    body: "Deno.writeTextFileSync(input.granted + '/new.txt', 'x')",
    asked: "write",
  },
  { name: "a temporary folder", body: "return Deno.makeTempDirSync()", asked: "write" },
  { name: "fetch", body: "await fetch('http://127.0.0.1:1234/')", asked: "net" },
  { name: "a connection", body: "await Deno.connect({ port: 1234 })", asked: "net" },
  { name: "a listener", body: "Deno.listen({ port: 0 })", asked: "net" },
  {
    name: "a unix socket",
    body: "await Deno.connect({ transport: 'unix', path: '/tmp/any.sock' })",
    asked: "read",
  },
  {
    name: "node:net",
    body: `const net = await import("node:net");
      await new Promise((resolve, reject) => net.connect(1234, "127.0.0.1", resolve).on("error", reject));`,
    asked: "net",
  },
  {
    name: "another host",
    body: "await fetch('http://127.0.0.2:1234/')",
    permissions: () => ({ net: ["127.0.0.1:1234"] }),
    asked: "net",
  },
  { name: "a variable", body: "return Deno.env.get('HOME')", asked: "env" },
  { name: "all variables", body: "return { ...Deno.env.toObject() }", asked: "env" },
  { name: "process.env", body: "return (await import('node:process')).env.HOME", asked: "env" },
  { name: "a program", body: "new Deno.Command('id').outputSync()", asked: "run" },
  {
    name: "node:child_process",
    body: "(await import('node:child_process')).execFileSync('id')",
    // It copies the environment first.
    asked: "env",
  },
  {
    name: "another program",
    body: "new Deno.Command('id').outputSync()",
    permissions: () => ({ run: ["true"] }),
    asked: "run",
  },
  { name: "a kill of its parent", body: "Deno.kill(Deno.ppid, 'SIGKILL')", asked: "run" },
  { name: "ffi", body: "Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {})", asked: "ffi" },
  { name: "system information", body: "return Deno.hostname()", asked: "sys" },
  {
    name: "a dynamic import of a file",
    body: "return (await import('file://' + input.secret + '/module.ts')).default",
    asked: "read",
  },
  {
    name: "a dynamic import of a file as text",
    body:
      "return (await import('file://' + input.secret + '/file.txt', { with: { type: 'text' } })).default",
    asked: "read",
  },
  {
    name: "an import from the network",
    body: "return await import('http://127.0.0.1:1234/' + 'x.ts')",
    asked: "import",
  },
  {
    name: "a package that is not cached",
    body: "return await import('npm:' + 'denizen-has-no-such-package@1.0.0')",
  },
  {
    name: "a data: module that imports a file",
    body:
      `const source = "import text from 'file://" + input.secret + "/file.txt' with { type: 'text' }; export default text";
      return (await import("data:text/javascript," + encodeURIComponent(source))).default`,
    asked: "read",
  },
  {
    name: "a nested worker whose root is a file",
    body: `const url = "data:text/javascript," + encodeURIComponent(
        "import t from 'file://" + input.secret + "/file.txt' with { type: 'text' }; postMessage(t)");
      return await new Promise((resolve, reject) => {
        const worker = new Worker(url, { type: "module" });
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => { event.preventDefault(); reject(new Error(event.message)); };
      });`,
    asked: "read",
  },
  {
    name: "a node worker",
    body: `const { Worker } = await import("node:worker_threads");
      const source = "require('worker_threads').parentPort.postMessage(require('fs').readFileSync('" +
        input.secret + "/file.txt', 'utf8'))";
      return await new Promise((resolve, reject) =>
        new Worker(source, { eval: true }).on("message", resolve).on("error", reject));`,
    asked: "read",
  },
];

for (const { name, body, permissions = READ, asked, codes } of ESCAPES) {
  Deno.test(`permissions deny ${name}`, async () => {
    const folders = await makeFolders();
    try {
      await using fleet = new CellHarness();
      const key = fleet.register(agentSource(body), {
        permissions: permissions(folders),
        memoryMb: 256,
      });
      const [settled] = await fleet.run(key, [fleet.newAttempt(folders)]);
      const shown = JSON.stringify(settled!.outcome);
      assert.ok((codes ?? ["PERMISSION_DENIED"]).includes(codeOf(settled!)), shown);
      assert.ok(!shown.includes('"output"'), "nothing came out");
      const denied = fleet.denials();
      assert.ok(
        asked === undefined || denied.some((denial) => denial.startsWith(`${asked} `)),
        `asked for ${asked}, on record: ${denied.join(", ")}`,
      );
      assert.equal(await Deno.readTextFile(join(folders.secret, "file.txt")), "secret");
      assert.deepEqual(
        Array.from(Deno.readDirSync(folders.secret), (entry) => entry.name).sort(),
        ["file.txt", "module.ts"],
      );
    } finally {
      await Deno.remove(folders.root, { recursive: true });
    }
  });
}

Deno.test("permissions allow exactly what was granted", async () => {
  const folders = await makeFolders();
  Deno.env.set("DENIZEN_TEST_VALUE", "granted");
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("hello"),
  );
  try {
    await using fleet = new CellHarness();
    const body = `
      const { granted, port } = input;
      Deno.writeTextFileSync(granted + "/new.txt", "mine");
      Deno.renameSync(granted + "/new.txt", granted + "/newer.txt");
      const command = new Deno.Command("echo", { args: ["ran"] }).outputSync();
      return {
        file: Deno.readTextFileSync(granted + "/file.txt"),
        link: Deno.readTextFileSync(granted + "/inner-link"),
        up: Deno.readTextFileSync(granted + "/deep/../file.txt"),
        written: await Deno.readTextFile(granted + "/newer.txt"),
        env: Deno.env.get("DENIZEN_TEST_VALUE"),
        net: await (await fetch("http://127.0.0.1:" + port)).text(),
        run: new TextDecoder().decode(command.stdout).trim(),
        sys: typeof Deno.hostname(),
        nothing: Deno.env.get("NODE_ENV") ?? null,
      };`;
    const settled = await fleet.runBody(body, {
      input: { granted: folders.granted, port: server.addr.port },
      permissions: {
        ...WRITE(folders),
        env: ["DENIZEN_TEST_VALUE"],
        net: [`127.0.0.1:${server.addr.port}`],
        run: ["echo"],
        sys: ["hostname"],
      },
    });
    assert.deepEqual(settled.outcome, {
      status: "completed",
      output: {
        file: "granted",
        link: "granted",
        up: "granted",
        written: "mine",
        env: "granted",
        net: "hello",
        run: "ran",
        sys: "string",
        nothing: null,
      },
    });
    assert.deepEqual(fleet.denials(), []);
  } finally {
    await server.shutdown();
    Deno.env.delete("DENIZEN_TEST_VALUE");
    await Deno.remove(folders.root, { recursive: true });
  }
});

Deno.test("permissions put a swallowed denial on the record, once", async () => {
  await using fleet = new CellHarness();
  const body =
    `for (let i = 0; i < 5; i++) { try { Deno.readTextFileSync("/etc/passwd"); } catch {} }
    return "done";`;
  const settled = await fleet.runBody(body);
  assert.equal(codeOf(settled), "completed");
  assert.deepEqual(fleet.denials(), ["read /etc/passwd"]);
  assert.equal(fleet.cells.inspect()[0]!.denials, 5);
});

Deno.test("permissions say when any of several attempts may have been denied", async () => {
  await using fleet = new CellHarness();
  const body = `if (!input.isBad) return void await ctx.sleep(300);
    try { Deno.readTextFileSync("/etc/passwd"); } catch {}`;
  const key = fleet.register(agentSource(body), { concurrency: 3 });
  const attempts = [false, false, true].map((isBad) => fleet.newAttempt({ isBad }));
  await fleet.run(key, attempts);
  const reports = fleet.reports.flatMap(({ report }) => report.type === "permission" ? report : []);
  assert.deepEqual(reports.map(({ among }) => among), [3, 3, 3]);
  const alone = await fleet.runBody(body, { input: { isBad: true } });
  assert.equal(codeOf(alone), "completed");
  const last = fleet.reports.at(-1)!.report;
  assert.ok(last.type === "permission" && !("among" in last));
});

Deno.test("permissions put a denial of the module's top level on the record", async () => {
  await using fleet = new CellHarness();
  const top = 'try { Deno.readTextFileSync("/etc/passwd"); } catch {}';
  const key = fleet.register(agentSource("return 1", top));
  const [settled] = await fleet.run(key, [fleet.newAttempt()]);
  assert.equal(codeOf(settled!), "completed");
  assert.deepEqual(fleet.denials(), ["read /etc/passwd"]);
});

Deno.test("permissions deny a static import that was left for the worker", async () => {
  await using fleet = new CellHarness();
  const top = 'import text from "file:///etc/passwd" with { type: "text" };';
  const key = fleet.register(agentSource("return text", top));
  const [settled] = await fleet.run(key, [fleet.newAttempt()]);
  assert.equal(codeOf(settled!), "PERMISSION_DENIED");
  assert.deepEqual(fleet.denials(), ["read /etc/passwd"]);
});

Deno.test("permissions slow a loop of denied asks down and bound its record", async () => {
  await using fleet = new CellHarness();
  const body = `for (let i = 0; ; i++) {
      try { Deno.readTextFileSync("/etc/" + i); } catch {}
      if (i % 5 === 0) await ctx.heartbeat();
    }`;
  const settled = await fleet.runBody(body, { timeoutMs: 2_000 });
  assert.equal(codeOf(settled), "TIMEOUT");
  assert.ok(fleet.denials().length <= 100, `${fleet.denials().length} denials on record`);
  assert.ok(fleet.denials().length > 10, "denials are on record");
});
