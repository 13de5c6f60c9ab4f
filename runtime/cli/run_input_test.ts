import assert from "node:assert/strict";
import type { InvalidInputError } from "../../core/errors.ts";
import type { JsonSchema } from "../../workflows/mod.ts";
import { readRunInput } from "./run_input.ts";

const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    path: { type: "string" },
    limit: { type: "integer" },
    deep: { type: ["boolean", "null"] },
    topics: { type: "array", items: { type: "string" } },
    sizes: { type: "array", items: { type: "number" } },
    options: { type: "object" },
  },
};

function read(...pairs: string[]) {
  return readRunInput(pairs, undefined, SCHEMA);
}

Deno.test("readRunInput() reads values by the schema's type", async () => {
  assert.deepEqual(
    await read("path=1.5", "limit=3", "deep=true", 'options={"a":[1]}', "unknown=007", "topics=[]"),
    { path: "1.5", limit: 3, deep: true, options: { a: [1] }, unknown: "007", topics: [] },
  );
  assert.deepEqual(await read("path=a=b\n", "deep=null"), { path: "a=b\n", deep: null });
});

Deno.test("readRunInput() gathers a list from several options", async () => {
  assert.deepEqual(await read("topics=1", "topics=b c", "sizes=2", "sizes=[3,4]"), {
    topics: ["1", "b c"],
    sizes: [2, 3, 4],
  });
});

Deno.test("readRunInput() refuses pairs that it cannot read", async () => {
  for (
    const pairs of [["path"], ["=x"], [""], ["limit=three"], ["path=a", "path=b"], ["sizes=x"]]
  ) {
    await assert.rejects(read(...pairs), (error: InvalidInputError) => {
      assert.equal(error.code, "INPUT_OPTION_WRONG");
      assert.ok(error.message.includes(`"${pairs.at(-1)}"`), error.message);
      return true;
    });
  }
});

Deno.test("readRunInput() takes a file, and options on top of it", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, '{"path": "a", "topics": ["x"], "__proto__": {"evil": 1}}');
  const input = await readRunInput(["path=b", "topics=y", "constructor=c"], file, SCHEMA);
  assert.equal(
    JSON.stringify(input),
    '{"path":"b","topics":["y"],"__proto__":{"evil":1},"constructor":"c"}',
  );
  assert.equal(Object.getPrototypeOf(input), Object.prototype);
  for (const text of ["[1]", "{", ""]) {
    await Deno.writeTextFile(file, text);
    await assert.rejects(readRunInput([], file, SCHEMA), { code: "INPUT_FILE_WRONG" });
  }
  await Deno.remove(file);
  await assert.rejects(readRunInput([], file, SCHEMA), { code: "INPUT_FILE_WRONG" });
});
