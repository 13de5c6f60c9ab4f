import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Address,
  findPatternProblem,
  formatAddress,
  matchesAddress,
  mayMatchActor,
  parseAddress,
} from "./address.ts";

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,63}$/);
const key = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((text) => !/[\p{Cc}\p{Cf}\p{Cs}\s*]/u.test(text) && [...text].length <= 256);
const address = fc.tuple(name, fc.option(key));

Deno.test("parseAddress() takes apart what formatAddress() writes", () => {
  fc.assert(fc.property(address, ([name, key]) => {
    const text = formatAddress(name, key);
    assert.deepEqual(parseAddress(text), { name, key });
  }));
});

Deno.test("parseAddress() accepts only texts that formatAddress() writes", () => {
  const texts = fc.oneof(fc.string(), fc.string().map((rest) => `actor://${rest}`));
  fc.assert(fc.property(texts, (text) => {
    const parsed = parseAddress(text);
    if ("problem" in parsed) assert.match(parsed.problem, /^Cannot read address "/);
    else assert.equal(formatAddress(parsed.name, parsed.key), text);
  }));
});

Deno.test("parseAddress() accepts names and keys of every allowed form", () => {
  const parts: [string, Address][] = [
    ["actor://a", { name: "a", key: null }],
    ["actor://walker/docs/deep/file.md", { name: "walker", key: "docs/deep/file.md" }],
    ["actor://w-1/Grüße-日本-🦕", { name: "w-1", key: "Grüße-日本-🦕" }],
    ["actor://w/50%25", { name: "w", key: "50%25" }],
    [`actor://${"n".repeat(64)}/${"🦕".repeat(256)}`, {
      name: "n".repeat(64),
      key: "🦕".repeat(256),
    }],
  ];
  for (const [text, expected] of parts) assert.deepEqual(parseAddress(text), expected);
});

Deno.test("parseAddress() refuses what is no address, and what looks like another one", () => {
  const bad = [
    "",
    "actor:",
    "actor://",
    "actor:///key",
    "actor://name/",
    "Actor://name/key",
    "actor://Name/key",
    "actor://1name/key",
    "actor://na_me/key",
    " actor://name/key",
    "actor://name/key\n",
    "actor://name/a b",
    "actor://name/a\u0000",
    "actor://name/a\u00a0b",
    "actor://name/a\u200bb",
    "actor://name/a\u202eb",
    "actor://name/a\u2066b",
    "actor://name/a\u2028b",
    "actor://name/a\ufeff",
    "actor://name/a\ud800",
    "actor://name/*",
    "actor://name/a*b",
    `actor://${"n".repeat(65)}/key`,
    `actor://name/${"k".repeat(257)}`,
    "external",
  ];
  for (const text of bad) assert.ok("problem" in parseAddress(text), JSON.stringify(text));
});

Deno.test("parseAddress() quotes a hostile text on one short line", () => {
  const parsed = parseAddress(`actor://name/\u001b[2J\n${"x".repeat(10_000)}`);
  assert.ok("problem" in parsed);
  assert.ok(parsed.problem.length < 300);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(parsed.problem, /[\u0000-\u001f]/);
});

Deno.test("matchesAddress() covers what a pattern says, and no more", () => {
  const table: [pattern: string, address: string, covers: boolean][] = [
    ["actor://worker/1", "actor://worker/1", true],
    ["actor://worker/1", "actor://worker/10", false],
    ["actor://worker/*", "actor://worker/1", true],
    ["actor://worker/*", "actor://worker/a/b", true],
    ["actor://worker/*", "actor://worker", false],
    ["actor://worker/*", "actor://worker/", false],
    ["actor://worker/*", "actor://workers/1", false],
    ["actor://worker/team-*", "actor://worker/team-1", true],
    ["actor://worker/team-*", "actor://worker/team-", true],
    ["actor://worker/team-*", "actor://worker/tea", false],
    ["actor://*/*", "actor://any/thing", true],
    ["actor://*/*", "actor://agent", false],
    ["actor://*/*", "external", false],
    ["actor://work*/1", "actor://worker/1", true],
    ["actor://work*/1", "actor://walker/1", false],
    ["actor://*", "actor://agent", true],
    ["actor://*", "actor://worker/main", true],
    ["actor://*", "actor://worker/1", false],
    ["actor://walker", "actor://walker/main", true],
    ["actor://walker", "actor://walker/other", false],
    ["actor://walker/main", "actor://walker", false],
    ["external", "external", true],
    ["external", "actor://external/main", false],
    ["*", "actor://worker/1", false],
    ["*", "external", false],
    ["", "external", false],
  ];
  for (const [pattern, address, covers] of table) {
    assert.equal(matchesAddress(pattern, address), covers, `${pattern} ~ ${address}`);
  }
});

Deno.test("matchesAddress() agrees with a regular expression made of the pattern", () => {
  const short = fc.tuple(
    fc.constantFrom("a", "ab", "b"),
    fc.constantFrom("main", "x", "x/y", "xy"),
  );
  const part = fc.constantFrom("a", "ab", "a*", "*", "x", "x*", "x/*", "main", "x/y");
  fc.assert(fc.property(short, part, part, ([name, key], namePart, keyPart) => {
    const source = `actor://${namePart}/${keyPart}`
      .replace(/[/]/g, "\\/").replace(/\*$/, ".*").replace(/\*(?=\\\/)/, "[^/]*");
    const address = formatAddress(name, key);
    const expected = !namePart.includes("/") && new RegExp(`^${source}$`).test(address);
    if (!namePart.includes("/")) {
      assert.equal(matchesAddress(`actor://${namePart}/${keyPart}`, address), expected);
    }
  }));
});

Deno.test("findPatternProblem() accepts addresses and one star at the end of a part", () => {
  fc.assert(fc.property(address, fc.boolean(), fc.boolean(), ([name, key], starName, starKey) => {
    const pattern = formatAddress(
      starName ? `${name.slice(0, 60)}*` : name,
      key !== null && starKey ? `${[...key].slice(0, 200).join("")}*` : key,
    );
    assert.equal(findPatternProblem(pattern), null, pattern);
  }));
  for (const good of ["external", "actor://*", "actor://*/*", "actor://*/a"]) {
    assert.equal(findPatternProblem(good), null);
  }
});

Deno.test("findPatternProblem() refuses stars elsewhere and what covers nothing", () => {
  const bad = ["", "*", "externals", "actor://", "actor://a/", "actor://**", "actor://a/**"];
  const inside = ["actor://a*b/c", "actor://a/b*c", "actor://a/*b", "actor://-*/b", "actor://A*"];
  for (const pattern of [...bad, ...inside]) {
    assert.match(findPatternProblem(pattern) ?? "", /^Cannot read address pattern/, pattern);
  }
});

Deno.test("mayMatchActor() tells whether some address of an actor is covered", () => {
  for (
    const pattern of ["actor://a/*", "actor://a/main", "actor://a", "actor://*/x", "actor://a*"]
  ) {
    assert.equal(mayMatchActor(pattern, "a"), true, pattern);
  }
  for (const pattern of ["external", "actor://b/*", "actor://ab", "a", "actor://ab*/*"]) {
    assert.equal(mayMatchActor(pattern, "a"), false, pattern);
  }
});
