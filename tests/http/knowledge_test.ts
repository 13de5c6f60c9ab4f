import assert from "node:assert/strict";
import { XMLValidator } from "fast-xml-parser";
import { agentModule } from "../workflow_folder.ts";
import type { KnowledgeNode } from "../../actors/knowledge/mod.ts";
import { ServedNode } from "./served_node.ts";

const MEASURE = {
  source: `name: measuring
input: { type: object, properties: { file: { type: string, default: "src/a.ts" } } }
agents: { measurer: { module: ./measurer.ts } }
tasks:
  measure: { agent: measurer, with: { file: "\${{ input.file }}" } }
`,
  files: { "measurer.ts": agentModule("return { lines: input.file.length };") },
};

const AGENT = "agent:measuring/measurer";
/** The same agent of the shared workflow, as acme's runs know it. */
const ACMES = "agent:acme:measuring/measurer";

/** Runs `test` on a node that measured three files: two of nobody's, one of acme's. */
function measured(
  test: (node: ServedNode, acme: Record<string, string>) => Promise<void>,
): () => Promise<void> {
  return async () => {
    await using node = await ServedNode.start();
    await made(node, "/api/v1/workflows", MEASURE);
    const { key } = await made(node, "/api/v1/keys", {
      name: "acme",
      role: "operator",
      tenant: "acme",
    });
    const acme = { authorization: `Bearer ${key}` };
    await run(node, "shared.ts", {});
    await run(node, "common.ts", {});
    await run(node, "secret.ts", acme);
    for (;;) {
      if ((await node.ask("GET", "/api/v1/knowledge")).json.facts === 3) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await test(node, acme);
    assert.deepEqual(node.faults, []);
  };
}

async function made(node: ServedNode, path: string, body: object, headers = {}) {
  const { status, json, text } = await node.ask("POST", path, { body, headers });
  assert.ok(status < 300, text);
  return json;
}

async function run(node: ServedNode, file: string, headers: Record<string, string>) {
  const body = { workflow: "measuring", input: { file } };
  const { runId } = await made(node, "/api/v1/runs", body, headers);
  await node.until(runId, "completed");
}

const get = (node: ServedNode, path: string, headers: Record<string, string> = {}) =>
  node.ask("GET", `/api/v1/knowledge${path}`, { headers });

Deno.test(
  "GET /knowledge/node shows a node with its surroundings, whatever its id has in it",
  measured(async (node) => {
    const { status, json, text } = await get(node, `/node?id=${encodeURIComponent(AGENT)}`);
    assert.equal(status, 200, text);
    assert.equal(json.node.id, AGENT);
    assert.equal(json.nodes[0].id, AGENT);
    const tasks = json.nodes.filter(({ kind }: { kind: string }) => kind === "task");
    assert.equal(tasks.length, 1);
    const attempted = json.edges.find(({ kind }: { kind: string }) => kind === "attempted");
    assert.deepEqual([attempted.count, attempted.completed, attempted.failed], [2, 2, 0]);
    const solution = json.nodes.find(({ kind }: { kind: string }) => kind === "solution");
    assert.match(solution.id, /^solution:.+\/measure/);
    const alone = await get(node, `/node?id=${encodeURIComponent(solution.id)}&depth=0`);
    assert.deepEqual([alone.status, alone.json.nodes.length], [200, 1]);
    const cut = await get(node, `/node?id=${AGENT}&depth=2&limit=2`);
    assert.deepEqual([cut.json.nodes.length, cut.json.truncated], [2, true]);
    const none = await get(node, "/node?id=agent:nobody");
    assert.deepEqual([none.status, none.json.code], [404, "KNOWLEDGE_NODE_NOT_FOUND"]);
  }),
);

Deno.test(
  "GET /knowledge/search, /path and /sample answer parts of the graph",
  measured(async (node) => {
    const found = await get(node, "/search?q=measurer&kind=agent");
    assert.deepEqual(found.json.items.map(({ id }: { id: string }) => id), [AGENT, ACMES]);
    assert.ok(found.json.items[0].score > 0);
    assert.deepEqual((await get(node, "/search?q=nothing-like-it")).json.items, []);
    const sample = (await get(node, "/sample?limit=50")).json;
    assert.ok(sample.nodes.some(({ id }: { id: string }) => id === AGENT));
    const around = (await get(node, `/node?id=${AGENT}`)).json;
    const [one, other] = around.nodes.filter(({ kind, attributes }: KnowledgeNode) =>
      kind === "solution" && attributes.tenant === null
    );
    const way = (await get(node, `/path?from=${one.id}&to=${other.id}`)).json;
    assert.equal(way.hops, 2);
    const ids = way.nodes.map(({ id }: { id: string }) => id);
    assert.deepEqual([ids[0], ids[2]], [one.id, other.id]);
    assert.ok(around.nodes.some(({ id }: { id: string }) => id === ids[1]));
    assert.equal((await get(node, `/path?from=${one.id}&to=agent:x`)).status, 404);
  }),
);

Deno.test(
  "GET /knowledge shows a tenant its own and what is nobody's",
  measured(async (node, acme) => {
    const umbrella = {
      authorization: `Bearer ${
        (await made(node, "/api/v1/keys", { name: "u", role: "viewer", tenant: "umbrella" })).key
      }`,
    };
    assert.equal((await get(node, "", acme)).json.facts, 3);
    assert.equal((await get(node, "", umbrella)).json.facts, 2);
    const seen = (await get(node, "/sample?limit=200", acme)).json.nodes;
    const seenByOther = (await get(node, "/sample?limit=200", umbrella)).json.nodes;
    const ids = new Set(seenByOther.map(({ id }: { id: string }) => id));
    const hidden = seen.filter(({ id }: { id: string }) => !ids.has(id));
    assert.ok(hidden.some(({ id }: { id: string }) => id === ACMES));
    for (const { id } of hidden) {
      const answer = await get(node, `/node?id=${encodeURIComponent(id)}`, umbrella);
      assert.deepEqual([answer.status, answer.json.code], [404, "KNOWLEDGE_NODE_NOT_FOUND"], id);
    }
    for (const format of ["gexf", "graphml", "json"]) {
      const { text } = await get(node, `/export?format=${format}`, umbrella);
      for (const { id } of hidden) assert.ok(!text.includes(id), `${format} names ${id}`);
    }
    for (const rights of [{ workflows: ["measuring"] }, { tags: ["x"] }]) {
      const body = { name: "part", role: "admin", ...rights };
      const { key } = await made(node, "/api/v1/keys", body);
      const answer = await get(node, "", { authorization: `Bearer ${key}` });
      assert.equal(answer.status, 403, JSON.stringify(rights));
    }
  }),
);

Deno.test(
  "GET /knowledge/export gives files that other programs read, once for the same graph",
  measured(async (node) => {
    const types = {
      gexf: "application/gexf+xml; charset=utf-8",
      graphml: "application/graphml+xml; charset=utf-8",
      json: "application/json",
    };
    for (const [format, type] of Object.entries(types)) {
      const file = await get(node, `/export?format=${format}`, { accept: "*/*" });
      assert.equal(file.status, 200, file.text);
      assert.equal(file.headers.get("content-type"), type);
      assert.equal(
        file.headers.get("content-disposition"),
        `attachment; filename="knowledge.${format}"`,
      );
      if (format === "json") assert.equal(JSON.parse(file.text).nodes.length > 0, true);
      else assert.equal(XMLValidator.validate(file.text), true);
      assert.ok(file.text.includes(AGENT));
      const etag = file.headers.get("etag")!;
      const again = await get(node, `/export?format=${format}`, { "if-none-match": etag });
      assert.equal(again.status, 304);
    }
    const accepted = await get(node, "/export?format=gexf", { accept: "text/html" });
    assert.equal(accepted.status, 406);
  }),
);

Deno.test(
  "GET /knowledge refuses queries that say something else",
  measured(async (node) => {
    const paths = [
      "/search",
      "/search?q=",
      "/search?q=x&limit=0",
      "/search?q=x&knid=agent",
      "/search?q=x&kind=animal",
      "/node?id=x&depth=5",
      "/node",
      "/path?from=x",
      "/sample?limit=99999",
      "/export?format=pdf",
    ];
    for (const path of paths) {
      const { status, json } = await get(node, path);
      assert.deepEqual([status, json.code], [400, "REQUEST_INVALID"], path);
    }
  }),
);
