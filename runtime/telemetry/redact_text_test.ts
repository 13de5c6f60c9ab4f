import assert from "node:assert/strict";
import fc from "fast-check";
import { REDACTED, redactText } from "./redact_text.ts";
import { processorTimeMs } from "../../tests/processor_time.ts";

// Put together here, so that no scanner takes this file for a leak.
const KEY = ["dnz", "01abcdef", "c2VjcmV0LXNlY3JldC1zZWNyZXQ"].join("_");
const JWT = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJhZGEifQ", "c2lnbmF0dXJl"].join(".");
const GITHUB = "ghp" + "_" + "a1B2".repeat(9);

Deno.test("redactText() replaces what has the shape of a secret", () => {
  const cases: [text: string, clean: string][] = [
    [`key ${KEY} was used`, `key ${REDACTED} was used`],
    [`token ${JWT}.`, `token ${REDACTED}.`],
    [`pushed with ${GITHUB}`, `pushed with ${REDACTED}`],
    ["AKIA" + "IOSFODNN7EXAMPLE", REDACTED],
    [
      "postgres://ada:s3cr3t@db.example:5432/runs",
      `postgres://ada:${REDACTED}@db.example:5432/runs`,
    ],
    ["redis://:p@ss@host/0", `redis://:${REDACTED}@host/0`],
    ["Authorization: Bearer abcdefgh12345", `Authorization: Bearer ${REDACTED}`],
    ["authorization=Basic YWRhOnB3MTIz", `authorization=Basic ${REDACTED}`],
    ["Cookie: session=abc; theme=dark", `Cookie: ${REDACTED}; theme=dark`],
    ["password=hunter2&user=ada", `password=${REDACTED}&user=ada`],
    ["client_secret: 'a b c'", `client_secret: '${REDACTED}'`],
    [
      "-----BEGIN " + "PRIVATE KEY-----\nMIIB\n-----END " + "PRIVATE KEY----- end",
      `${REDACTED} end`,
    ],
  ];
  for (const [text, clean] of cases) assert.equal(redactText(text), clean);
});

Deno.test("redactText() leaves JSON valid, and takes the values of secret keys only", () => {
  const fields = {
    password: 'a "quoted" one',
    apiKey: "x1",
    api_key: "x2",
    user: "ada",
    nested: { refresh_token: "x3", path: "/tmp/token.ts" },
    text: JSON.stringify({ secret: "x4", note: "stays" }),
  };
  const clean = JSON.parse(redactText(JSON.stringify(fields)));
  assert.deepEqual(clean, {
    password: REDACTED,
    apiKey: REDACTED,
    api_key: REDACTED,
    user: "ada",
    nested: { refresh_token: REDACTED, path: "/tmp/token.ts" },
    text: JSON.stringify({ secret: REDACTED, note: "stays" }),
  });
});

Deno.test("redactText() leaves ordinary text alone", () => {
  const texts = [
    "run 01M80C253G9NHKXF8X3PYWKEM2 completed in 3.2s",
    "http://127.0.0.1:7717/api/v1/runs?limit=50",
    "12:01:02 measure[3] failed: TIMEOUT The attempt took longer than 500 ms",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "counted tokens: prompt 12, answer 40",
    "mailto:ada@example.com",
    "",
  ];
  for (const text of texts) assert.equal(redactText(text), text);
});

Deno.test("redactText() takes a value whole of which a part was replaced before", () => {
  const clean = redactText(String.raw`https://a:b@c\password=https://a:b@c`);
  assert.equal(clean, String.raw`https://a:[redacted]@c\password=[redacted]`);
  assert.equal(redactText(clean), clean);
});

Deno.test("redactText() is stable: what is clean stays as it is", () => {
  const words = fc.constantFrom(
    KEY,
    JWT,
    GITHUB,
    "password=",
    '"token":"',
    "x",
    '"',
    "\\",
    " ",
    "https://a:b@c",
    "Bearer ",
  );
  fc.assert(fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
    const clean = redactText(parts.join(""));
    assert.equal(redactText(clean), clean);
    for (const secret of [JWT, GITHUB]) assert.ok(!clean.split(/\W/).includes(secret));
  }));
});

Deno.test("redactText() takes time in proportion to the text", () => {
  for (
    const piece of [
      "password=",
      "a://b:",
      "-----BEGIN PRIVATE KEY-----",
      'token:\\"',
      "eyJaaaaaaaa.",
    ]
  ) {
    const beforeMs = processorTimeMs();
    redactText(piece.repeat(20_000));
    assert.ok(processorTimeMs() - beforeMs < 5_000, piece);
  }
});
