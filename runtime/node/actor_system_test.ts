import assert from "node:assert/strict";
import { join } from "node:path";
import { defineSystem, InvalidSystemError } from "../../actors/system/mod.ts";
import { openActorSystem } from "./actor_system.ts";

const COUNTER = `import { defineActor } from "denizen";
import { z } from "zod";
export default defineActor({
  name: "counter",
  state: z.object({ count: z.number().default(0) }),
  messages: { add: { input: z.object({ by: z.number() }), output: z.number() } },
  on: {
    add: ({ by }, ctx) => ctx.state.count += by,
    halt: (_, ctx) => ctx.stopSystem(),
  },
});
`;

const FILE = `system: counting
actors: { counter: { module: ./counter.ts } }
supervisor: { children: [counter] }
`;

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-actors-" });
  try {
    await Deno.writeTextFile(join(folder, "counter.ts"), COUNTER);
    await Deno.writeTextFile(join(folder, "system.yaml"), FILE);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openActorSystem() runs a system that is declared in code, and one of a file", () =>
  withFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const definition = defineSystem({
      system: "counting",
      actors: { counter: { module: "./counter.ts", mayStopSystem: true } },
      supervisor: { children: ["counter"] },
    });
    const first = await openActorSystem(definition, { dataDir, moduleDir: folder });
    assert.equal(first.name, "counting");
    assert.equal(await first.ask("actor://counter", "add", { by: 2 }), 2);
    await first.tell("actor://counter", "add", { by: 3 }, { durable: true, id: "once" });
    const many = await first.tellMany([
      {
        to: "actor://counter",
        type: "add",
        payload: { by: 3 },
        options: { id: "once", durable: true },
      },
      { to: "actor://nobody", type: "add" },
    ]);
    assert.deepEqual(many.map(({ status }) => status), ["taken", "refused"]);
    await first.tell("actor://counter", "halt");
    assert.equal((await first.ended).type, "stopped");
    assert.equal((await first.stop()).type, "stopped");
    assert.deepEqual(first.treeLines(), [
      "counting  one_for_one  stopped",
      "└─ counter/main  stopped",
    ]);

    const second = await openActorSystem(join(folder, "system.yaml"), { dataDir });
    const count = () => second.ask("actor://counter", "add", { by: 0 });
    // The durable one may have been left for this process.
    while (Number(await count()) < 5) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await count(), 5);
    await assert.rejects(second.ask("actor://counter", "halt"), { code: "ACCESS_DENIED" });
    assert.equal(second.tree().children[0]!.status, "running");
    await second.stop();
  }));

Deno.test("openActorSystem() names the modules of a system in code that are not there", () =>
  withFolder(async (folder) => {
    const definition = defineSystem({ system: "odd", actors: { a: { module: "./no.ts" } } });
    await assert.rejects(
      openActorSystem(definition, { dataDir: join(folder, "data"), moduleDir: folder }),
      (error) =>
        error instanceof InvalidSystemError && error.issues[0]!.pointer === "/actors/a/module" &&
        error.issues[0]!.code === "AGENT_MODULE_NOT_FOUND",
    );
  }));

Deno.test("openActorSystem() ends whenever its signal aborts, and gives the system back", () =>
  withFolder(async (folder) => {
    const dataDir = join(folder, "data");
    const file = join(folder, "system.yaml");
    for (const delayMs of [0, 20, 50, 100, 150, 200, 300, 1_000]) {
      const stopped = new AbortController();
      const timer = setTimeout(() => stopped.abort(), delayMs);
      if (delayMs === 0) stopped.abort();
      try {
        const system = await openActorSystem(file, { dataDir, signal: stopped.signal });
        assert.equal((await system.ended).type, "stopped");
        await system.stop();
        await assert.rejects(system.ask("actor://counter", "add", { by: 1 }), {
          code: "SYSTEM_STOPPED",
        });
      } catch (error) {
        assert.equal((error as { code?: string }).code, "SYSTEM_STOPPED");
      }
      clearTimeout(timer);
    }
    const last = await openActorSystem(file, { dataDir });
    assert.equal(await last.ask("actor://counter", "add", { by: 1 }), 1);
    await last.stop();
  }));
