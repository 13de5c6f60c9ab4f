import * as assert from "node:assert/strict";
import fc from "fast-check";
import type { Json } from "../core/json.ts";
import { compileTemplate, splitTemplate, wholeExpression } from "./template.ts";

const BINDINGS = { input: { n: 5, list: [1], path: "/src", nothing: null, flag: true } };

const RENDERED: readonly [template: Json, value: Json][] = [
  ["${{ input.n }}", 5],
  ["  ${{ input.n }}\n", 5],
  ["n=${{ input.n }}", "n=5"],
  ["${{ input.n }}${{ input.n }}", "55"],
  ["${{ input.path }}/${{ input.flag }}/${{ input.nothing }}", "/src/true/null"],
  ["list ${{ input.list }}", "list [1]"],
  ["five: ${{ 5.0 }}", "five: 5"],
  ["${{ {'a': {'b': 1}} }}", { a: { b: 1 } }],
  ["${{ '}}' }}", "}}"],
  ["$${{ input.n }}", "${{ input.n }}"],
  ["$${{ a }} ${{ input.n }}", "${{ a }} 5"],
  ["costs $5 {{ x }} ${x}", "costs $5 {{ x }} ${x}"],
  [{ a: ["${{ input.list }}", 1], b: null }, { a: [[1], 1], b: null }],
  [["$${{ x }}", "${{ input.nothing }}"], ["${{ x }}", null]],
];

for (const [template, value] of RENDERED) {
  Deno.test(`compileTemplate() renders ${JSON.stringify(template)}`, () => {
    assert.deepEqual(compileTemplate(template).render(BINDINGS), value);
  });
}

Deno.test("compileTemplate() answers a constant itself", () => {
  const template = { a: [1, { b: "text" }], c: null };
  const compiled = compileTemplate(template);
  assert.equal(compiled.isConstant, true);
  assert.equal(compiled.render({}), template);
});

Deno.test("compileTemplate() keeps constant parts and does not copy values", () => {
  const template = { fixed: { deep: [1] }, list: "${{ input.list }}" };
  const rendered = compileTemplate(template).render(BINDINGS) as Record<string, Json>;
  assert.equal(rendered.fixed, template.fixed);
  assert.equal(rendered.list, BINDINGS.input.list);
});

Deno.test("compileTemplate() collects references", () => {
  const { references } = compileTemplate({ a: "${{ tasks.x.output }}", b: ["${{ input.n + 1 }}"] });
  assert.deepEqual(references.map(({ path }) => path.join(".")), ["tasks.x.output", "input.n"]);
});

Deno.test("compileTemplate() defines a member named __proto__ instead of setting a prototype", () => {
  const template = JSON.parse('{ "__proto__": { "x": "${{ input.n }}" } }');
  const rendered = compileTemplate(template).render(BINDINGS);
  assert.equal(Object.getPrototypeOf(rendered), Object.prototype);
  assert.equal(JSON.stringify(rendered), '{"__proto__":{"x":5}}');
});

Deno.test("splitTemplate() says where an unclosed expression begins", () => {
  assert.throws(() => splitTemplate("abc ${{ input.n"), (error: Error & { details?: Json }) => {
    assert.deepEqual(error.details, { offset: 4 });
    return true;
  });
});

Deno.test("wholeExpression() tells one expression from text with expressions", () => {
  assert.equal(wholeExpression(" ${{ a }} "), "a");
  assert.equal(wholeExpression("${{ a }} && ${{ b }}"), null);
  assert.equal(wholeExpression("$${{ a }}"), null);
  assert.equal(wholeExpression("a"), null);
});

Deno.test("splitTemplate() loses nothing of any text", () => {
  const pieces = fc.array(fc.constantFrom("a", " ", "$", "{", "}", "'", "${{ x }}", "$${{"));
  fc.assert(fc.property(pieces, (list) => {
    const text = list.join("");
    let parts;
    try {
      parts = splitTemplate(text);
    } catch {
      return;
    }
    const joined = parts.map((part) =>
      part.type === "text" ? part.text.replaceAll("${{", () => "$${{") : `\${{${part.source}}}`
    ).join("");
    assert.equal(joined, text);
  }));
});
