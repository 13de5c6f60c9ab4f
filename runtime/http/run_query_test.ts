import assert from "node:assert/strict";
import { Hono } from "hono";
import { runQuery } from "./run_query.ts";

/** What a list is narrowed to by the text behind the question mark. */
async function queryOf(text: string): Promise<unknown> {
  let query: unknown;
  const app = new Hono().get("/runs", (c) => {
    query = runQuery(c.req);
    return c.body(null);
  });
  app.onError((error) => {
    throw error;
  });
  await app.request(`/runs${text}`);
  return query;
}

Deno.test("runQuery() reads a query, and the same one again without a check", async () => {
  const query = await queryOf("?status=failed,running&limit=7&q=a%20b");
  assert.deepEqual(query, {
    filters: { status: ["failed", "running"], q: "a b" },
    limit: 7,
    cursor: undefined,
    list: 'runs [["q","a b"],["status",["failed","running"]]]',
  });
  assert.equal(await queryOf("?status=failed,running&limit=7&q=a%20b"), query);
  const plain = { filters: {}, limit: 50, cursor: undefined, list: "runs []" };
  assert.deepEqual(await queryOf(""), plain);
});

Deno.test("runQuery() refuses what is not known, is wrong, or is there twice", async () => {
  for (
    const [text, pointer] of [
      ["?limt=3", "limt"],
      ["?limit=0", "limit"],
      ["?limit=201", "limit"],
      ["?limit=1e1", "limit"],
      ["?limit=3&limit=4", "limit"],
      ["?status=unheard", "status"],
      ["?since=yesterday", "since"],
    ]
  ) {
    await assert.rejects(
      queryOf(text!),
      (error: { code: string; issues: { pointer: string }[] }) => {
        assert.equal(error.code, "REQUEST_INVALID");
        assert.deepEqual(error.issues.map((issue) => issue.pointer), [pointer]);
        return true;
      },
    );
  }
});
