import assert from "node:assert/strict";
import { inspect } from "node:util";
import { join } from "node:path";
import type { InvalidInputError } from "../../core/errors.ts";
import { importKeys } from "../cells/boot/sealing.ts";
import { KEYS_VARIABLE, loadKeyRing, parseKeyRing } from "./key_ring.ts";

function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64();
}

/** A file in a folder of its own that goes with it. */
async function temporaryFile(text: string, mode: number) {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "keys.json");
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
  return {
    path,
    folder,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** All that an error may come out as. */
function printed(error: Error): string {
  return [inspect(error, { depth: 9 }), Deno.inspect(error), JSON.stringify(error), error.stack]
    .join("\n");
}

Deno.test("loadKeyRing() reads the variable, and is empty without", async () => {
  const [a, b] = [randomKey(), randomKey()];
  const readVariable = (name: string) =>
    name === KEYS_VARIABLE ? JSON.stringify({ "team-a": [a, b], other: [b] }) : undefined;
  const ring = await loadKeyRing({ readVariable });
  assert.deepEqual(ring.names, ["team-a", "other"]);
  assert.deepEqual(ring.pick(["team-a", "absent"]), { "team-a": [a, b] });
  for (const text of [undefined, "", "  \n"]) {
    assert.deepEqual((await loadKeyRing({ readVariable: () => text })).names, []);
  }
});

Deno.test("loadKeyRing() reads a file of the owner's, and asks no variable then", async () => {
  const key = randomKey();
  for (const mode of [0o600, 0o400]) {
    await using file = await temporaryFile(JSON.stringify({ team: [key] }), mode);
    const ring = await loadKeyRing({
      path: file.path,
      readVariable: () => assert.fail("asked the environment"),
    });
    assert.deepEqual(ring.pick(["team"]), { team: [key] });
  }
});

Deno.test("loadKeyRing() gives keys that seal and open", async () => {
  const readVariable = () => JSON.stringify({ team: [randomKey(), randomKey()] });
  const keys = await importKeys((await loadKeyRing({ readVariable })).pick(["team"]));
  const binding = { from: "external", to: "actor://a/main", type: "t", id: "1" };
  const payload = JSON.parse(keys.seal("team", "[1]", binding));
  assert.equal(keys.open("team", payload, binding), "[1]");
});

Deno.test({
  name: "loadKeyRing() refuses a file that others may open",
  ignore: Deno.build.os === "windows",
  async fn() {
    for (const mode of [0o640, 0o604, 0o620, 0o601, 0o666]) {
      await using file = await temporaryFile(JSON.stringify({ team: [randomKey()] }), mode);
      await assert.rejects(loadKeyRing({ path: file.path }), {
        code: "KEY_RING_EXPOSED",
        details: { path: file.path, mode: `0${mode.toString(8)}` },
      });
    }
  },
});

Deno.test("loadKeyRing() refuses what is missing, no file, or too large", async () => {
  await using file = await temporaryFile("x".repeat(1024 * 1024 + 1), 0o600);
  await assert.rejects(loadKeyRing({ path: file.path }), { code: "KEY_RING_INVALID" });
  await assert.rejects(loadKeyRing({ path: file.folder }), { code: "KEY_RING_INVALID" });
  const absent = join(file.folder, "absent");
  await assert.rejects(loadKeyRing({ path: absent }), { code: "FILE_NOT_READABLE" });
});

Deno.test("parseKeyRing() refuses what is malformed, and never tells a key", () => {
  const key = randomKey();
  const bad = [
    `{"team": ["${key}"]`,
    `${key}`,
    `["${key}"]`,
    `"${key}"`,
    "null",
    `{"team": "${key}"}`,
    `{"team": []}`,
    `{"team": ["${key}", 5]}`,
    `{"team": ["${key.slice(0, -4)}"]}`,
    `{"team": ["${key} "]}`,
    `{"team": ["${key.replace("=", "")}"]}`,
    `{"team": ["${key}${key}"]}`,
    `{"${key}": ["${key}"]}`,
    `{"a/b": ["${key}"]}`,
    `{"__proto__": ["${key}"]}`,
    JSON.stringify({ team: Array(17).fill(key) }),
  ];
  for (const text of bad) {
    assert.throws(() => parseKeyRing(text, "test"), (error: InvalidInputError) => {
      assert.equal(error.code, "KEY_RING_INVALID", text);
      assert.ok(!printed(error).includes(key.slice(0, 8)), printed(error));
      return true;
    });
  }
});

Deno.test("KeyRing shows no key, however it is printed", () => {
  const key = randomKey();
  const ring = parseKeyRing(JSON.stringify({ team: [key] }), "test");
  const shown = [inspect(ring), Deno.inspect({ ring }), JSON.stringify({ ring }), `${ring}`];
  for (const text of shown) {
    assert.match(text, /team/);
    assert.ok(!text.includes(key.slice(0, 8)), text);
  }
});
