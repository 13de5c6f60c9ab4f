import assert from "node:assert/strict";
import { href, matchPath, path, readPlace } from "./address.ts";

Deno.test("readPlace() takes path and query from a fragment", () => {
  assert.equal(readPlace("").path, "/");
  assert.equal(readPlace("#main").path, "/main");
  const { path, query } = readPlace("#/runs?status=failed&q=a%20b");
  assert.equal(path, "/runs");
  assert.deepEqual([...query], [["status", "failed"], ["q", "a b"]]);
});

Deno.test("href() leaves out what is empty, and readPlace() reads it back", () => {
  const address = href("/runs", { status: "failed,paused", q: "", tag: null, x: ["1", "2"] });
  assert.equal(address, "#/runs?status=failed%2Cpaused&x=1&x=2");
  assert.deepEqual(readPlace(address).query.getAll("x"), ["1", "2"]);
  assert.equal(href("/"), "#/");
});

Deno.test("matchPath() gives decoded values, and null for another path", () => {
  assert.deepEqual(matchPath("/runs/:runId", "/runs/01A"), { runId: "01A" });
  assert.deepEqual(matchPath("/a/:b/c", path`/a/${"x/y ?#"}/c`), { b: "x/y ?#" });
  assert.equal(matchPath("/runs/:runId", "/runs"), null);
  assert.equal(matchPath("/runs/:runId", "/runs/"), null);
  assert.equal(matchPath("/runs/:runId", "/runs/%E0%A4%A"), null);
  assert.equal(matchPath("/runs", "/runs/01A"), null);
});
