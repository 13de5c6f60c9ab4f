/** Actor systems that several nodes of one process share. */
import assert from "node:assert/strict";
import { withPatientAsks } from "../patient_asks.ts";
import { startSystemNode, type SystemNode, writeSystem } from "./actors/system_node.ts";

async function withNodes(
  names: readonly string[],
  body: (nodes: SystemNode[], file: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "denizen-systems-" });
  const nodes: SystemNode[] = [];
  try {
    for (const name of names) nodes.push(await startSystemNode(folder, name));
    await body(nodes, await writeSystem(folder), folder);
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    await Deno.remove(folder, { recursive: true });
  }
}

const LIST = "actor://list/one";
const door = ({ systems }: SystemNode) => withPatientAsks(systems.find("lists")!);

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endsAt = performance.now() + 60_000;
  while (!await isSo()) {
    if (performance.now() > endsAt) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("asks and messages from every node reach the same activation, once each", async () => {
  await withNodes(["a", "b", "c"], async (nodes, file) => {
    await Promise.all(nodes.map((node) => node.start(file)));
    assert.equal(nodes.flatMap(({ systems }) => systems.led).length, 1);
    const each = 60;
    const counts = await Promise.all(
      nodes.flatMap((node, at) =>
        Array.from({ length: each }, (_, item) => door(node).ask(LIST, "add", [at, item]))
      ),
    );
    assert.deepEqual(
      (counts as number[]).toSorted((a, b) => a - b),
      Array.from({ length: each * nodes.length }, (_, at) => at + 1),
    );
    await Promise.all(nodes.flatMap((node, at) =>
      Array.from(
        { length: each },
        (_, item) => door(node).tell("actor://list/told", "add", [at, item], { durable: true }),
      )
    ));
    await Promise.all(nodes.map((node, at) => door(node).publish("all.items", at, { id: "same" })));
    const told = await door(nodes[2]!).ask("actor://list/told", "read") as [number, number][];
    for (const at of nodes.keys()) {
      const items = told.filter(([node]) => node === at).map(([, item]) => item);
      assert.deepEqual(items, Array.from({ length: each }, (_, item) => item));
    }
    await until(
      async () => await door(nodes[1]!).ask("actor://list/topic", "count") === 3,
      "the topic's messages",
    );
  });
});

Deno.test("a refusal comes back from another node as it was said there", async () => {
  await withNodes(["a", "b"], async (nodes, file) => {
    for (const node of nodes) await node.start(file);
    for (const node of nodes) {
      const code = (promise: Promise<unknown>) =>
        promise.then(() => null, (error) => error.code as string);
      assert.equal(await code(door(node).ask("actor://nobody", "x")), "NO_ACTOR");
      assert.equal(await code(door(node).tell(LIST, "unheard")), "UNKNOWN_MESSAGE");
      const options = { timeoutMs: 60, lane: "sideways" as "low" };
      assert.equal(await code(door(node).ask(LIST, "count", null, options)), "INVALID_MESSAGE");
      assert.equal(await door(node).ask(LIST, "count"), 0);
    }
  });
});

Deno.test("a node that closes hands its systems over; durable messages are not lost", async () => {
  await withNodes(["a", "b"], async (nodes, file) => {
    for (const node of nodes) await node.start(file);
    const leader = nodes.find(({ systems }) => systems.led.length === 1)!;
    const other = nodes.find((node) => node !== leader)!;
    let sent = 0;
    let isOver = false;
    const sending = (async () => {
      while (!isOver) await door(other).tell(LIST, "add", sent++, { durable: true });
    })();
    await until(() => sent > 20, "the first messages");
    await leader.close();
    nodes.splice(nodes.indexOf(leader), 1);
    await until(() => other.systems.led.length === 1, "the other node to lead");
    const before = sent;
    await until(() => sent > before + 20, "more messages");
    isOver = true;
    await sending;
    await until(async () => await door(other).ask(LIST, "count") === sent, "all messages");
    const items = await door(other).ask(LIST, "read");
    assert.deepEqual(items, Array.from({ length: sent }, (_, at) => at));
    assert.deepEqual(other.errors, []);
  });
});

Deno.test("a system with other actors is refused while the first one is up", async () => {
  await withNodes(["a", "b"], async (nodes, file, folder) => {
    await nodes[0]!.start(file);
    const text = await Deno.readTextFile(file);
    const changed = `${folder}/changed.yaml`;
    await Deno.writeTextFile(changed, text.replace("all.items", "other.items"));
    for (const node of nodes) {
      await assert.rejects(node.start(changed), { code: "SYSTEM_TAKEN" });
    }
  });
});

Deno.test("a system whose tree has ended comes back only with a run that names it", async () => {
  await withNodes(["a", "b"], async (nodes, file, folder) => {
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replace("list.ts", "list.ts\n    mayStopSystem: true").replace("list.ts", "stop.ts"),
    );
    const source = await Deno.readTextFile(`${folder}/list.ts`);
    const stopping = "stop: (_payload, ctx) => ctx.stopSystem(),";
    await Deno.writeTextFile(`${folder}/stop.ts`, source.replace("on: {", `on: { ${stopping}`));
    for (const node of nodes) await node.start(file);
    await door(nodes[0]!).ask(LIST, "add", 1);
    await door(nodes[1]!).tell(LIST, "stop");
    const ledBy = () => nodes.flatMap(({ systems }) => systems.led).length;
    await until(() => ledBy() === 0, "the system's end");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    assert.equal(ledBy(), 0);
    await nodes[1]!.start(file);
    assert.equal(await door(nodes[0]!).ask(LIST, "count"), 1);
  });
});

/** Hands everything on to a port, and keeps what it saw. */
function openTap(port: number) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const tap = {
    url: `http://127.0.0.1:${listener.addr.port}`,
    seen: "",
    close: () => listener.close(),
  };
  const decoder = new TextDecoder();
  const pass = async (from: Deno.TcpConn, to: Deno.TcpConn) => {
    const buffer = new Uint8Array(65_536);
    try {
      for (let read; (read = await from.read(buffer)) !== null;) {
        tap.seen += decoder.decode(buffer.subarray(0, read));
        await to.write(buffer.slice(0, read));
      }
    } catch {
      // One of the two hung up.
    }
    for (const end of [from, to]) {
      try {
        end.close();
      } catch {
        // The other direction did it.
      }
    }
  };
  void (async () => {
    for await (const here of listener) {
      const there = await Deno.connect({ hostname: "127.0.0.1", port });
      void pass(here, there);
      void pass(there, here);
    }
  })().catch(() => {});
  return tap;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

Deno.test("what goes to an actor that encrypts cannot be read between nodes, nor its answer", async () => {
  const key = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  Deno.env.set("DENIZEN_ACTOR_KEYS", JSON.stringify({ team: [key] }));
  const folder = await Deno.makeTempDir({ prefix: "denizen-systems-" });
  const port = freePort();
  const tap = openTap(port);
  const nodes: SystemNode[] = [];
  try {
    const file = await writeSystem(folder);
    const text = (await Deno.readTextFile(file)).replace(/^subscriptions:[^]*/m, "");
    const encrypt = "module: ./list.ts\n    encrypt: { key: team }";
    await Deno.writeTextFile(file, text.replace("module: ./list.ts", encrypt));
    const options = { listen: `127.0.0.1:${port}`, advertise: tap.url };
    nodes.push(await startSystemNode(folder, "behind", options));
    await nodes[0]!.start(file);
    nodes.push(await startSystemNode(folder, "before"));
    await nodes[1]!.start(file);
    assert.deepEqual(nodes[0]!.systems.led, ["lists"]);
    const far = door(nodes[1]!);
    assert.equal(await far.ask(LIST, "add", "secret-one"), 1);
    await far.tell(LIST, "add", "secret-two");
    await far.tell(LIST, "add", "secret-three", { durable: true });
    await until(async () => await far.ask(LIST, "count") === 3, "the messages");
    const items = await far.ask(LIST, "read") as string[];
    assert.deepEqual(items.toSorted(), ["secret-one", "secret-three", "secret-two"]);
    assert.ok(tap.seen.includes("$sealed"));
    assert.ok(!tap.seen.includes("secret-"));
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
    tap.close();
    Deno.env.delete("DENIZEN_ACTOR_KEYS");
    await Deno.remove(folder, { recursive: true });
  }
});
