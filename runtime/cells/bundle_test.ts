import assert from "node:assert/strict";
import { join } from "node:path";
import { DenizenError } from "../../core/errors.ts";
import { type Bundle, bundleAgent, type BundleOptions } from "./bundle.ts";

/** Files in a fresh folder; `agent/` is the workflow's, `outside/` lies beside it. */
async function withFiles(
  files: Record<string, string>,
  use: (
    bundle: (options?: Partial<BundleOptions>) => Promise<Bundle>,
    root: string,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "bundle " }));
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    const [root, cacheDir] = [join(folder, "agent"), join(folder, "cache")];
    const entry = join(root, "main.ts");
    await use((options) => bundleAgent(entry, { root, cacheDir, ...options }), folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function load(code: string): Promise<Record<string, unknown>> {
  return await import(`data:text/javascript,${encodeURIComponent(code)}`);
}

Deno.test("bundleAgent() makes one module of neighbours, JSON and the agent API", async () => {
  const files = {
    "agent/main.ts": `import { defineAgent, AgentError } from "denizen";
      import { twice } from "./lib/twice.ts"; import data from "./data.json" with { type: "json" };
      import type { Missing } from "./types_only.ts";
      export default defineAgent({ name: "x", run: () => twice(data.value as number) });
      export const error: Missing = new AgentError("A", "b");`,
    "agent/lib/twice.ts": "export const twice = (n: number): number => 2 * n;",
    "agent/data.json": '{ "value": 21 }',
    "agent/types_only.ts": "export type Missing = unknown;",
  };
  await withFiles(files, async (bundle, folder) => {
    const { code, hash, inputs, packages } = await bundle();
    const module = await load(code) as { default: { run(): number }; error: Error };
    assert.equal(module.default.run(), 42);
    assert.equal(module.error.name, "AgentError");
    assert.match(hash, /^[0-9a-f]{64}$/);
    const own = inputs.map(({ path }) => path).filter((path) => path.startsWith(folder));
    assert.deepEqual(
      own.map((path) => path.slice(folder.length + 1)),
      ["agent/data.json", "agent/lib/twice.ts", "agent/main.ts"],
    );
    assert.deepEqual(packages, []);
  });
});

Deno.test("bundleAgent() gives equal code the same hash wherever it lies", async () => {
  const files = {
    "agent/main.ts": 'import "./other.ts"; export default 1;',
    "agent/other.ts": "globalThis.name;",
  };
  const hashes = new Set<string>();
  for (let copy = 0; copy < 2; copy++) {
    await withFiles(files, async (bundle) => void hashes.add((await bundle()).hash));
  }
  assert.equal(hashes.size, 1);
});

Deno.test("bundleAgent() pins packages and leaves them outside", async () => {
  const files = {
    "agent/main.ts": `import { z } from "zod"; import "npm:yaml@2.9.1"; import "npm:yaml";
      import { basename } from "path"; import "node:fs"; import "zod/v4";
      export default [z, basename, await import("yaml/util")];`,
  };
  await withFiles(files, async (bundle) => {
    const { code, packages } = await bundle();
    assert.equal(packages.length, 4);
    assert.ok(packages.every((name) => /^npm:(zod|yaml)@\d+\.\d+\.\d+(\/\w+)?$/.test(name)));
    assert.match(code, /from"npm:zod@\d/);
    assert.match(code, /from"node:path"/);
    assert.doesNotMatch(code, /from"zod"/);
  });
});

Deno.test("bundleAgent() takes the cached bundle until a file changes", async () => {
  const files = {
    "agent/main.ts": 'import { n } from "./n.ts"; export default n;',
    "agent/n.ts": "export const n = 1;",
  };
  await withFiles(files, async (bundle, folder) => {
    const first = await bundle();
    assert.deepEqual(await bundle(), first);
    // A cached bundle whose code was tampered with is made anew.
    const [cached] = await Array.fromAsync(Deno.readDir(join(folder, "cache")));
    const path = join(folder, "cache", cached!.name);
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace("1", "666"));
    assert.deepEqual(await bundle(), first);
    await Deno.writeTextFile(join(folder, "agent/n.ts"), "export const n = 2;");
    const second = await bundle();
    assert.notEqual(second.hash, first.hash);
    assert.equal((await load(second.code)).default, 2);
  });
});

interface Refused {
  name: string;
  source: string;
  code: string;
  message: RegExp;
  place?: [line: number, column: number];
}

const REFUSED: Refused[] = [
  {
    name: "a file outside the folder",
    source: '// one\nimport x from "../outside/secret.ts";\nexport default x;',
    code: "PERMISSION_DENIED",
    message: /"\.\.\/outside\/secret\.ts".*lies outside.*main\.ts:2:\d+/,
    place: [2, 15],
  },
  {
    name: "a link that leads outside",
    source: 'import x from "./link.ts"; export default x;',
    code: "PERMISSION_DENIED",
    message: /"\.\/link\.ts"/,
  },
  {
    name: "an absolute path",
    source: 'import x from "/etc/hostname"; export default x;',
    code: "PERMISSION_DENIED",
    message: /"\/etc\/hostname"/,
  },
  {
    name: "a file URL",
    source: 'import x from "file:///etc/hostname"; export default x;',
    code: "PERMISSION_DENIED",
    message: /hostname/,
  },
  {
    name: "a foreign file as text",
    source: 'import x from "/etc/hostname" with { type: "text" }; export default x;',
    code: "PERMISSION_DENIED",
    message: /hostname/,
  },
  {
    name: "a text file of its own folder",
    source: 'import x from "./.env" with { type: "text" }; export default x;',
    code: "PERMISSION_DENIED",
    message: /only code and JSON/,
  },
  {
    name: "code read as bytes",
    source: 'import x from "./own.ts" with { type: "bytes" }; export default x;',
    code: "PERMISSION_DENIED",
    message: /only code and JSON/,
  },
  {
    name: "a URL",
    source: 'import "https://example.org/x.ts";',
    code: "AGENT_IMPORT_REFUSED",
    message: /network/,
  },
  {
    name: "jsr",
    source: 'import "jsr:@std/path";',
    code: "AGENT_IMPORT_REFUSED",
    message: /network/,
  },
  {
    name: "a package without a version",
    source: 'import "npm:left-pad";',
    code: "AGENT_IMPORT_REFUSED",
    message: /no exact version/,
  },
  {
    name: "a range",
    source: 'import "npm:left-pad@^1.0.0";',
    code: "AGENT_IMPORT_REFUSED",
    message: /no exact version/,
  },
  {
    name: "an unknown bare name",
    source: 'import "left-pad";',
    code: "AGENT_IMPORT_REFUSED",
    message: /no package of this project/,
  },
  {
    name: "a missing neighbour",
    source: '\n  import "./nowhere.ts";',
    code: "AGENT_MODULE_NOT_FOUND",
    message: /"\.\/nowhere\.ts"/,
    place: [2, 10],
  },
  {
    name: "wrong syntax",
    source: "export default {\n  run( {\n};",
    code: "AGENT_SYNTAX",
    message: /main\.ts:3:/,
    place: [3, 2],
  },
];

for (const { name, source, code, message, place } of REFUSED) {
  Deno.test(`bundleAgent() refuses ${name}`, async () => {
    const files = {
      "agent/main.ts": source,
      "agent/own.ts": "export default 1;",
      "agent/.env": "SECRET=1",
      "outside/secret.ts": "export default 'secret';",
    };
    await withFiles(files, async (bundle, folder) => {
      await Deno.symlink("../outside/secret.ts", join(folder, "agent/link.ts"));
      const error = await bundle().then(() => null, (reason) => reason);
      assert.ok(error instanceof DenizenError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(error.hint && error.hint.length > 10);
      assert.equal(error.details?.file, join(folder, "agent/main.ts"));
      if (place !== undefined) {
        assert.deepEqual([error.details?.line, error.details?.column], place);
      }
    });
  });
}

Deno.test("bundleAgent() leaves foreign files to the worker where told, and literal dynamic imports always", async () => {
  const files = {
    "agent/main.ts": 'import "../outside/a.ts"; export default () => import("../outside/b.ts");',
    "outside/a.ts": "export {};",
    "outside/b.ts": "export {};",
  };
  await withFiles(files, async (bundle, folder) => {
    const { code, inputs } = await bundle({ foreign: "defer" });
    assert.match(code, /import"file:\/\/.*outside\/a\.ts"/);
    assert.match(code, /import\("file:\/\/.*outside\/b\.ts"\)/);
    assert.ok(!inputs.some(({ path }) => path.includes(`${folder}/outside`)));
  });
});

Deno.test("bundleAgent() names a module that does not exist", async () => {
  await withFiles({ "agent/other.ts": "" }, async (bundle) => {
    await assert.rejects(bundle(), { code: "AGENT_MODULE_NOT_FOUND" });
  });
});

Deno.test("bundleAgent() builds several agents at once", async () => {
  const files = { "agent/main.ts": "export default 1;" };
  await withFiles(files, async (_, folder) => {
    const names = ["a", "b", "c", "d"];
    const root = join(folder, "agent");
    for (const name of names) {
      await Deno.writeTextFile(join(root, `${name}.ts`), `export default "${name}";`);
    }
    const bundles = await Promise.all(
      names.map((name) =>
        bundleAgent(join(root, `${name}.ts`), { root, cacheDir: join(folder, "cache") })
      ),
    );
    assert.equal(new Set(bundles.map(({ hash }) => hash)).size, 4);
  });
});
