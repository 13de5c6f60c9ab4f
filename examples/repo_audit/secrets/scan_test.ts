import assert from "node:assert/strict";
import { detectLanguage } from "../languages.ts";
import { walk } from "../walk/walk.ts";
import { isUuid, looksRandom, shannonEntropy } from "./entropy.ts";
import { fingerprintSecret, maskSecret } from "./masking.ts";
import { isPlaceholder } from "./placeholders.ts";
import { plantSecrets } from "./planted_secrets.ts";
import { redact } from "./redact.ts";
import { SECRET_RULES } from "./rules.ts";
import { scanText } from "./scan.ts";
import { processorTimeMs } from "../../../tests/processor_time.ts";

async function scanAll(files: Record<string, string>) {
  const scans = Object.entries(files).map(([path, text]) =>
    scanText(text, path, detectLanguage(path))
  );
  return (await Promise.all(scans)).flat();
}

const { files, secrets } = plantSecrets();

Deno.test("plantSecrets() plants at least 40 secrets over many kinds of files", () => {
  assert.ok(secrets.length >= 60, `only ${secrets.length}`);
  assert.ok(new Set(Object.keys(files).map((path) => detectLanguage(path))).size >= 15);
  for (const { path, line, value } of secrets) {
    const first = value.split("\n")[0]!;
    assert.ok(files[path]!.split("\n")[line - 1]!.includes(first), `${path}:${line}`);
  }
});

for (const { path, line, rule } of secrets) {
  Deno.test(`scanText() finds the ${rule} in ${path}:${line}`, async () => {
    const found = await scanText(files[path]!, path, detectLanguage(path));
    const rules = found.filter((one) => Math.abs(one.line - line) <= 1).map((one) => one.rule);
    assert.ok(rules.includes(rule), `found ${JSON.stringify(rules)} there`);
  });
}

Deno.test("scanText() finds nothing in the planted corpus but what was planted", async () => {
  const found = await scanAll(files);
  const extra = found.filter((one) =>
    !secrets.some(({ path, line }) => path === one.path && Math.abs(line - one.line) <= 1)
  );
  assert.deepEqual(extra, []);
  assert.ok(found.length <= secrets.length + 2, `${found.length} for ${secrets.length}`);
});

Deno.test("scanText() gives no more of a secret away than four characters", async () => {
  const said = JSON.stringify(await scanAll(files));
  for (const { value, rule } of secrets) {
    for (let at = 0; at + 5 <= value.length; at++) {
      const part = value.slice(at, at + 5);
      const isPublic = /^(?:[0-9a-f]+|[a-z_-]+)$/.test(part);
      assert.ok(isPublic || !said.includes(part), `${rule}: a part of it is in the output`);
    }
    if (value.length >= 12) assert.ok(!said.includes(value.slice(-10)), rule);
  }
});

const INNOCENT: Record<string, string> = {
  "src/a.ts": `
const id = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
const commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
const sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const password = process.env.PASSWORD;
const token = await getToken("session");
const apiKey = config.apiKey ?? "";
type Login = { password: string; token?: string };
const label = { password: "Password", token: "Token is missing", secret: "Secret" };
const key = "ArrowDown";
input.type = "password";
const passwordField = document.querySelector("#password");
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const className = "MuiButtonBase-root-Button2-containedPrimary";
const text = "VGhpcyBpcyBhIHZlcnkgb3JkaW5hcnkgc2VudGVuY2Uu";
throw new Error("Password must be at least 8 characters");
if (token === "Bearer") return;
const pattern = /-----BEGIN PRIVATE KEY-----/;
const url = "https://example.org:8080/path@2x.png";
const template = \`postgres://\${user}:\${password}@\${host}/db\`;
`,
  "src/b.py": `
password = os.environ["DB_PASSWORD"]
SECRET_KEY = get_secret("django/key")
token = None
def login(username="admin", password=None, token=""): ...
API_KEY = "your-api-key-here"
API_KEY = "<API_KEY>"
PASSWORD = "changeme"
secret = "\${SECRET}"
md5 = "d41d8cd98f00b204e9800998ecf8427e"
`,
  "config/app.yaml": `
password: \${DB_PASSWORD}
token: "{{ vault.token }}"
secretName: app-secrets
secretKeyRef: { name: db, key: password }
image: registry.example.org/app@sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a
apiKey: !Ref ApiKey
tokenExpiry: 3600
passwordFile: /run/secrets/db
`,
  "package-lock.json": `{ "integrity": "sha512-${
    "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7dE9fG1hJ3kL5mN7pQ9rS1tU3v".repeat(1)
  }==" }`,
  "README.md": `
Set \`API_TOKEN\` to your token. The password: see the wiki.
export API_KEY=your_api_key
curl -u "$USER:$PASSWORD" https://example.org
postgres://user:password@localhost/db
`,
  "web/index.html": `
<input type="password" name="password" placeholder="Password" autocomplete="current-password">
<script src="x.js" integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"></script>
`,
  ".env.example": "DB_PASSWORD=\nAPI_KEY=changeme\nSECRET=replace-me\nTOKEN=<your token>\n",
};

Deno.test("scanText() finds nothing in what only looks like secrets", async () => {
  const found = await scanAll(INNOCENT);
  assert.deepEqual(found.map(({ path, line, rule }) => `${path}:${line} ${rule}`), []);
});

Deno.test("scanText() finds nothing of high confidence in this repository", async () => {
  const root = new URL("../../..", import.meta.url).pathname;
  const options = { fileBytesMax: 500_000, batch: { filesMax: 1e6, bytesMax: 1e9 } };
  const found = [];
  for (const { path, language } of (await walk(root, options)).batches.flatMap((b) => b.files)) {
    const text = await Deno.readTextFile(`${root}/${path}`).catch(() => "");
    found.push(...await scanText(text, path, language));
  }
  const sure = found.filter(({ confidence, path }) =>
    confidence === "high" && !path.includes("tests/")
  );
  assert.deepEqual(sure.map(({ path, line, rule }) => `${path}:${line} ${rule}`), []);
});

Deno.test("scanText() takes fixtures and values of manuals less seriously", async () => {
  const token = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
  const line = `const t = "${token}";\n`;
  const [inSource] = await scanText(line, "src/a.ts", "TypeScript");
  const [inTest] = await scanText(line, "tests/fixtures/a.ts", "TypeScript");
  assert.deepEqual([inSource?.confidence, inTest?.confidence], ["high", "medium"]);
  const manual = `AKIA${"IOSFODNN7"}EXAMPLE`;
  const [example] = await scanText(`key = "${manual}"\n`, "src/a.ts", "TypeScript");
  assert.deepEqual([example?.rule, example?.confidence], ["aws-access-key-id", "low"]);
});

Deno.test("scanText() says line and column, from 1", async () => {
  const token = `glpat-${"x1Y2z3W4v5".repeat(2)}`;
  const found = await scanText(`\n\r\n  use ${token}\n`, "a.txt", "Text");
  assert.deepEqual(found.map(({ line, column }) => [line, column]), [[3, 7]]);
});

Deno.test("scanText() ends soon on hostile texts", async () => {
  const hostile = [
    "a".repeat(300_000),
    "password=".repeat(30_000),
    "://:".repeat(50_000),
    "eyJ".repeat(60_000),
    "\"'`".repeat(60_000),
    "-----BEGIN PRIVATE KEY-----".repeat(5_000),
    "curl -u ".repeat(20_000),
    "server=;".repeat(20_000),
    "aws_secret".repeat(20_000),
  ];
  for (const text of hostile) {
    const beforeMs = processorTimeMs();
    await scanText(text, "a.txt", "Text");
    assert.ok(processorTimeMs() - beforeMs < 5_000, text.slice(0, 20));
  }
});

Deno.test("SECRET_RULES have keywords in lower case and patterns that are global", () => {
  assert.ok(new Set(SECRET_RULES.map(({ id }) => id)).size >= 50);
  for (const { id, keywords, pattern } of SECRET_RULES) {
    assert.ok(keywords.length > 0 && keywords.every((word) => word === word.toLowerCase()), id);
    assert.ok(pattern.global, id);
  }
});

Deno.test("maskSecret() and fingerprintSecret() give nothing of a short secret away", async () => {
  assert.equal(maskSecret("hunter2", false), "****");
  assert.equal(maskSecret("x".repeat(40), true), "****");
  assert.equal(maskSecret(`abcd${"x".repeat(40)}`, false), "abcd****");
  assert.equal(await fingerprintSecret("hunter2", false), null);
  assert.equal(await fingerprintSecret("correct horse battery staple", true), null);
  assert.match(await fingerprintSecret("x".repeat(40), false) ?? "", /^[0-9a-f]{16}$/);
});

Deno.test("redact() takes credentials out of addresses and names", () => {
  const token = `npm_${"aB3dE5fG7h".repeat(4).slice(0, 36)}`;
  assert.equal(
    redact(`git+https://me:${token}@example.org/x.git`),
    "git+https://****@example.org/x.git",
  );
  assert.equal(redact(`use ${token} here`), "use **** here");
  assert.equal(redact("^1.2.3"), "^1.2.3");
  assert.equal(redact("getPassword"), "getPassword");
});

Deno.test("shannonEntropy() and looksRandom() tell random texts from words", () => {
  assert.equal(shannonEntropy("aaaa"), 0);
  assert.equal(shannonEntropy("ab"), 1);
  assert.equal(shannonEntropy("abcdefgh"), 3);
  assert.ok(looksRandom("q8Zt1LwP0xVr7KcY3mNb6HsJ2dFg"));
  assert.ok(!looksRandom("findVisualStudio2019OrNewerFromSpecifiedLocation"));
  assert.ok(isUuid("3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
});

Deno.test("isPlaceholder() knows stand-ins and references", () => {
  for (
    const value of [
      "changeme",
      "your-api-key",
      "${X}",
      "{{ x }}",
      "<token>",
      "xxxxxxxx",
      "process.env.X",
      "********",
    ]
  ) {
    assert.ok(isPlaceholder(value), value);
  }
  for (const value of ["hunter2!", "Tulip-9x8y!12", "s3cr3t-v4lue"]) {
    assert.ok(!isPlaceholder(value), value);
  }
});
