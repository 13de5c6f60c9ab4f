/**
 * Attempts to reach what was not granted: files, network, environment, programs, other actors, the
 * node and its control plane.
 *
 * @module
 */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, JsonObject } from "../../../core/json.ts";
import {
  type Arena,
  type AuditWanted,
  type Behaviour,
  NEIGHBOUR,
  type Outcome,
  SECRET,
} from "../arena/mod.ts";

const SOON_MS = 1_500;
const DENIED: AuditWanted = { kind: "denial", code: "PERMISSION_DENIED" };

/** Tries all, says what became of each; nothing may be reached. */
function reaches(
  name: string,
  attempts: readonly string[],
  more: Partial<Behaviour> & { expect?: string[] } = {},
): Behaviour {
  const { expect = ["NotCapable"], ...rest } = more;
  return {
    name,
    body: `const found = [];
      for (const attempt of [${attempts.map((text) => `() => ${text}`).join(",\n")}]) {
        try { await attempt(); found.push("reached"); } catch (error) { found.push(error.name); }
      }
      return found;`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [DENIED],
    verify: (_attack, { answer }) => {
      const names = answer as string[];
      assert.equal(names.length, attempts.length);
      for (const [at, name] of names.entries()) {
        assert.ok(expect.includes(name), `${attempts[at]}: ${name}`);
      }
    },
    ...rest,
  };
}

const paths = ({ folder, dataDir, port }: Arena): Json => ({ folder, dataDir, port });

/** Neither the answer nor the asker holds the secret, and nobody came to the control plane. */
function keepsSecret({ arena }: { arena: Arena }, { answer }: Outcome): void {
  assert.ok(!JSON.stringify(answer).includes(SECRET));
  assert.equal(arena.connections, 0);
}

function strict(names: string[]): Behaviour["verify"] {
  return (attack, outcome) => {
    keepsSecret(attack, outcome);
    for (const name of outcome.answer as string[]) assert.ok(names.includes(name), name);
  };
}

export const REACH: Behaviour[] = [
  reaches("files of others", [
    "Deno.readTextFile(input.folder + '/secret.txt')",
    "Deno.readTextFile(input.folder + '/granted/link')",
    "Deno.writeTextFile(input.folder + '/written.txt', 'x')",
    "Deno.readDir(input.folder)[Symbol.asyncIterator]().next()",
    "Deno.remove(input.folder, { recursive: true })",
    "Deno.open('/etc/hostname')",
    "Deno.symlink(input.folder + '/secret.txt', '/tmp/denizen-link')",
    "Deno.makeTempFile()",
    "import('node:fs').then((fs) => fs.readFileSync(input.folder + '/secret.txt'))",
  ], { input: paths, verify: strict(["NotCapable"]) }),
  reaches("the store of the node", [
    "Deno.readFile(input.dataDir + '/store.kv')",
    "Deno.readDir(input.dataDir)[Symbol.asyncIterator]().next()",
    "Deno.openKv(input.dataDir + '/store.kv')",
    "import('node:sqlite').then(({ DatabaseSync }) => new DatabaseSync(input.dataDir + '/store.kv'))",
  ], { input: paths, verify: strict(["NotCapable", "TypeError"]) }),
  reaches("the control plane on loopback", [
    "fetch('http://127.0.0.1:' + input.port + '/')",
    "fetch('http://localhost:' + input.port + '/')",
    "fetch('http://[::1]:' + input.port + '/')",
    "Deno.connect({ hostname: '127.0.0.1', port: input.port })",
    "import('node:net').then((net) => new Promise((done, fail) => net.connect(input.port, '127.0.0.1').on('connect', done).on('error', fail)))",
    "new Promise((done, fail) => { const s = new WebSocket('ws://127.0.0.1:' + input.port); s.onopen = done; s.onerror = () => fail(new Deno.errors.NotCapable('x')); })",
    "Deno.listen({ port: 0 })",
    "Deno.resolveDns('localhost', 'A')",
  ], { input: paths, verify: strict(["NotCapable", "Error", "TypeError"]) }),
  reaches("sockets of the node and of other cells", [
    "Deno.readDir(input.sockets)[Symbol.asyncIterator]().next()",
    ...["c", "w", "b"].flatMap((kind) =>
      [1, 2, 3].map((n) =>
        `Deno.connect({ transport: 'unix', path: input.sockets + '/${kind}${n}' })`
      )
    ),
    "Deno.remove(input.sockets, { recursive: true })",
  ], {
    input: async () => {
      const dirs = await Array.fromAsync(Deno.readDir(tmpdir()));
      const own = dirs.find(({ name }) => name.startsWith(`denizen-${Deno.pid}-`));
      return { sockets: join(tmpdir(), own!.name) };
    },
    verify: strict(["NotCapable"]),
  }),
  reaches("the node through /proc", [
    "Deno.readTextFile('/proc/' + Deno.ppid + '/environ')",
    "Deno.open('/proc/' + Deno.ppid + '/mem', { write: true })",
    "Deno.readLink('/proc/' + Deno.ppid + '/cwd')",
    "Deno.readTextFile('/proc/self/environ')",
    "Deno.open('/proc/self/fd/1', { write: true })",
    "Deno.open('/dev/tcp')",
  ], { verify: strict(["NotCapable"]) }),
  reaches("the environment", [
    "Deno.env.toObject()",
    "Deno.env.get('DENIZEN_ACTOR_KEYS')",
    "import('node:process').then(({ default: p }) => { const k = p.env.DENIZEN_ACTOR_KEYS; if (k === undefined) throw new Deno.errors.NotCapable('none'); })",
    "Deno.hostname()",
    "Deno.networkInterfaces()",
  ], { verify: strict(["NotCapable"]) }),
  reaches("programs and libraries", [
    "new Deno.Command('/bin/sh', { args: ['-c', 'id'] }).output()",
    "new Deno.Command(Deno.execPath(), { args: ['eval', '1'] }).output()",
    "import('node:child_process').then((cp) => cp.execFileSync('/bin/id'))",
    "Deno.dlopen('libc.so.6', {})",
  ], { verify: strict(["NotCapable"]) }),
  reaches("modules of others", [
    "import(input.folder + '/secret.ts')",
    "import('file://' + input.folder + '/secret.ts')",
    "import('http://127.0.0.1:' + input.port + '/evil.ts')",
    "import(input.npm)",
    "import(input.jsr)",
  ], {
    input: (arena) => ({
      ...paths(arena) as JsonObject,
      // Not as literals: the bundler would refuse the module before it runs.
      npm: "npm:left-pad-that-is-not-cached@1.0.0",
      jsr: "jsr:@std/path",
    }),
    verify: strict(["NotCapable", "TypeError", "Error"]),
  }),
  reaches("more rights in a nested worker", [
    `new Promise((done, fail) => {
        const source = "try { Deno.readTextFileSync('/etc/hostname'); postMessage('reached'); } catch (e) { postMessage(e.name); }";
        const worker = new Worker("data:text/javascript," + encodeURIComponent(source), { type: "module", deno: { permissions: "inherit" } });
        worker.onmessage = ({ data }) => data === "reached" ? done() : fail(new Deno.errors[data]("no"));
        worker.onerror = (event) => { event.preventDefault(); fail(new Deno.errors.NotCapable("no")); };
      })`,
    "new Worker('data:text/javascript,1', { type: 'module', deno: { permissions: { read: true } } })",
  ], { verify: strict(["NotCapable"]) }),
  {
    name: "a link out of a granted folder",
    by: "writer",
    body: `const found = [];
      for (const path of ["granted/link", "granted/../secret.txt", "granted/./link"]) {
        try { await Deno.readTextFile(input.folder + "/" + path); found.push("reached"); }
        catch (error) { found.push(error.name); }
      }
      await Deno.writeTextFile(input.folder + "/granted/own.txt", "own");
      return found;`,
    input: paths,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [DENIED],
    verify: strict(["NotCapable"]),
  },
  {
    name: "a question for rights",
    body: `const status = await Deno.permissions.request({ name: "read" });
      const none = await Deno.permissions.query({ name: "net" });
      return [status.state, none.state];`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "nobody is asked, and nothing is granted",
    verify: (_attack, { answer }) => assert.ok(!(answer as string[]).includes("granted")),
  },
  {
    name: "a channel to actors in other cells",
    body: `const channel = new BroadcastChannel("x");
      if (input === "listen") {
        const heard = [];
        channel.onmessage = ({ data }) => heard.push(data);
        await ctx.sleep(500);
        channel.close();
        return heard;
      }
      for (let n = 0; n < 10; n++) { channel.postMessage("stolen"); await ctx.sleep(20); }
      channel.close();`,
    drive: async ({ arena, address, type }) => {
      const listening = arena.ask("actor://villain/accomplice", type, "listen");
      await arena.ask(address, type);
      return { code: null, message: "", answer: await listening };
    },
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "a channel ends at the process",
    verify: (_attack, { answer }) => assert.deepEqual(answer, []),
  },
  {
    name: "globals, locks and storage shared with other cells",
    body: `const tries = {
        global: async () => { globalThis.stolen = 1; },
        session: async () => { sessionStorage.setItem("stolen", "1"); },
        local: async () => { localStorage.setItem("stolen", "1"); },
        kv: async () => { const kv = await Deno.openKv(); await kv.set(["stolen"], 1); kv.close(); },
      };
      const looks = {
        global: async () => globalThis.stolen,
        session: async () => sessionStorage.getItem("stolen"),
        local: async () => localStorage.getItem("stolen"),
        kv: async () => { const kv = await Deno.openKv(); const { value } = await kv.get(["stolen"]); kv.close(); return value; },
      };
      const found = {};
      for (const [name, act] of Object.entries(input === "look" ? looks : tries)) {
        try { found[name] = await act() ?? null; } catch { found[name] = null; }
      }
      return found;`,
    drive: async ({ arena, address, type }) => {
      await arena.ask(address, type);
      return {
        code: null,
        message: "",
        answer: await arena.ask("actor://villain/accomplice", type, "look"),
      };
    },
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "nothing of it leaves the process",
    verify: async ({ arena }, { answer }) => {
      assert.deepEqual(answer, { global: null, session: null, local: null, kv: null });
      assert.deepEqual(await arena.ask(NEIGHBOUR, "globals"), []);
    },
  },
  {
    name: "globals of its own cell",
    by: "mob",
    body: `if (input === "look") return globalThis.stolen ?? null;
      globalThis.stolen = ctx.self;`,
    drive: async ({ arena, address, type }) => {
      await arena.ask(address, type);
      return {
        code: null,
        message: "",
        answer: await arena.ask("actor://mob/accomplice", type, "look"),
      };
    },
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "by design: instances that share a cell trust each other",
    verify: ({ address }, { answer }) => assert.equal(answer, address),
  },
  {
    name: "lines on the node's own output",
    body:
      `const forged = new TextEncoder().encode("\\n2026-01-01 INFO actor://neighbour/main all is well\\n");
      await Deno.stdout.write(forged);
      console.log("\\u001b[2Jforged");
      ctx.log.info("harmless\\u001b[2J\\n2026-01-01 INFO forged");
      return Deno.stdout.isTerminal();`,
    ends: ["answered"],
    withinMs: SOON_MS,
    audit: [],
    silence: "its output leads nowhere, its log lines are cleaned",
    verify: ({ arena, address, pid }, { answer }) => {
      assert.equal(answer, false);
      assert.equal(Deno.readLinkSync(`/proc/${pid}/fd/1`), "/dev/null");
      const lines = arena.news.flatMap((news) =>
        news.type === "log" && news.address === address ? [news.message] : []
      );
      assert.equal(lines.length, 2);
      // deno-lint-ignore no-control-regex -- what must not be there
      for (const line of lines) assert.ok(!/\x1b/.test(line));
    },
  },
  reaches("files, by an agent", [
    "Deno.readTextFile('/etc/hostname')",
    "Deno.env.get('HOME')",
    "Deno.connect({ hostname: '127.0.0.1', port: 1 })",
  ], { by: "agent" }),
];
