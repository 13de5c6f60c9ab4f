import assert from "node:assert/strict";
import fc from "fast-check";
import { isAgentName, isCapabilityName, readDeclaration } from "./read_declaration.ts";

/** A manifest that is right, with one part of it replaced. */
function manifest(change: Record<string, unknown> = {}): unknown {
  return JSON.parse(JSON.stringify({
    name: "counter",
    version: "1.2.0",
    description: "Counts",
    permissions: { read: ["."], net: [] },
    concurrency: 4,
    costUsd: 0.002,
    bids: true,
    capabilities: [capability()],
    ...change,
  }));
}

function capability(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "code.measure",
    input: { type: "object" },
    output: null,
    isA: ["code", "measure", "code"],
    partOf: ["audit"],
    examples: [{ input: { a: 1 }, output: 1 }, { input: null }],
    ...change,
  };
}

Deno.test("readDeclaration() takes a manifest, and puts it in order", () => {
  const capabilities = [capability({ name: "z" }), capability({ name: "a" })];
  const { declaration } = readDeclaration(manifest({ capabilities }));
  assert.deepEqual(declaration?.capabilities.map(({ name }) => name), ["a", "z"]);
  assert.deepEqual(declaration.capabilities[0], {
    name: "a",
    input: { type: "object" },
    output: null,
    isA: ["code", "measure"],
    partOf: ["audit"],
    examples: [{ input: { a: 1 }, output: 1 }, { input: null }],
  });
  assert.deepEqual(declaration.permissions, { read: ["."], net: [] });
});

Deno.test("readDeclaration() needs a name and a list, and no more", () => {
  const { declaration } = readDeclaration({ name: "x", costUsd: 0, bids: false, capabilities: [] });
  assert.deepEqual(declaration, {
    name: "x",
    version: null,
    description: null,
    permissions: null,
    concurrency: null,
    costUsd: 0,
    bids: false,
    capabilities: [],
  });
});

Deno.test("readDeclaration() says what is wrong, and where", () => {
  const many = Array.from({ length: 257 }, (_, at) => capability({ name: `c${at}` }));
  const cases: [unknown, RegExp][] = [
    [null, /^has no object at "\/"$/],
    [manifest({ version: "1.2" }), /"1.2", which is not a version.*\/version/],
    [manifest({ version: "v1.2.0" }), /\/version/],
    [manifest({ description: "x".repeat(2_049) }), /more than 2048 characters at "\/description"/],
    [manifest({ costUsd: -1 }), /no number from 0/],
    [manifest({ costUsd: null }), /no number from 0/],
    [manifest({ concurrency: 0 }), /no whole number from 1/],
    [manifest({ colour: 1 }), /an unknown key "colour"/],
    [manifest({ permissions: { fly: [] } }), /an unknown key "fly" at "\/permissions"/],
    [manifest({ permissions: { read: [1] } }), /no text at "\/permissions\/read\/0"/],
    [manifest({ capabilities: {} }), /no list at "\/capabilities"/],
    [manifest({ capabilities: many }), /257 entries, more than 256/],
    [manifest({ capabilities: [capability(), capability()] }), /"code.measure" twice/],
    [manifest({ capabilities: [capability({ name: "__proto__" })] }), /is not a capability/],
    [manifest({ capabilities: [capability({ name: "constructor" })] }), /is not a capability/],
    [manifest({ capabilities: [capability({ name: "a b" })] }), /is not a capability/],
    [manifest({ capabilities: [capability({ isA: ["__proto__"] })] }), /\/isA\/0/],
    [manifest({ capabilities: [capability({ isA: "code" })] }), /no list at .*isA/],
    [manifest({ capabilities: [capability({ input: [] })] }), /no object at .*input/],
    [
      manifest({ capabilities: [capability({ input: { x: "y".repeat(65_536) } })] }),
      /more than 65536 characters at .*input/,
    ],
    [
      manifest({ capabilities: [capability({ examples: [{ input: "y".repeat(16_384) }] })] }),
      /more than 16384 characters at .*examples\/0/,
    ],
    [
      manifest({ capabilities: [capability({ examples: Array(21).fill({ input: 1 }) })] }),
      /21 entries, more than 20/,
    ],
    [manifest({ capabilities: [capability({ examples: [{ out: 1 }] })] }), /unknown key "out"/],
  ];
  for (const [value, expected] of cases) {
    const { declaration, problem } = readDeclaration(value);
    assert.equal(declaration, null);
    assert.match(problem, expected);
  }
});

Deno.test("readDeclaration() never throws, and never touches a prototype", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    readDeclaration(value);
    readDeclaration(manifest({ capabilities: [value], permissions: value }));
  }));
  const hostile = JSON.parse(
    '{"name":"x","costUsd":0,"bids":false,"capabilities":[],"__proto__":{"polluted":1}}',
  );
  assert.match(readDeclaration(hostile).problem!, /unknown key "__proto__"/);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("isAgentName() and isCapabilityName() keep out what objects have by themselves", () => {
  for (const name of ["__proto__", "constructor", "prototype", "", "-a", "é"]) {
    assert.equal(isAgentName(name), false, name);
    assert.equal(isCapabilityName(name), false, name);
  }
  assert.ok(isAgentName("walker-2") && isCapabilityName("files.walk"));
});
