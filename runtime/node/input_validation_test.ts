import assert from "node:assert/strict";
import { validateInput } from "./input_validation.ts";

const schema = {
  type: "object",
  properties: {
    mode: { enum: ["fast", { valueOf: null }] },
    count: { type: "integer", default: 3 },
  },
};

Deno.test("validateInput() applies defaults, and names every key that is wrong", async () => {
  assert.deepEqual(await validateInput({ mode: "fast" }, schema), { mode: "fast", count: 3 });
  await assert.rejects(validateInput({ mode: "slow", cuont: 1 }, schema), (error) => {
    const { code, message } = error as Error & { code: string };
    assert.equal(code, "INVALID_INPUT");
    assert.match(message, /"cuont" is not an input/);
    assert.match(message, /must be one of "fast", \{"valueOf":null\}/);
    return true;
  });
});

Deno.test("validateInput() refuses or takes members that objects have of themselves", async () => {
  for (const name of ["valueOf", "toString", "constructor"]) {
    const input = { mode: { [name]: null } };
    if (name === "valueOf") {
      assert.deepEqual(await validateInput(input, schema), { ...input, count: 3 });
    } else await assert.rejects(validateInput(input, schema), { code: "INVALID_INPUT" });
  }
});
