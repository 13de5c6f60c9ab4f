import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  importKeys,
  isSealed,
  type SealBinding,
  type Sealed,
  type SealingKeys,
} from "./sealing.ts";

const BINDING: SealBinding = {
  from: "actor://walker/main",
  to: "actor://counter/main",
  type: "count",
  id: "01J9QZ",
};

function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64();
}

function sealed(keys: SealingKeys, name: string, text: string, binding: SealBinding): Sealed {
  return JSON.parse(keys.seal(name, text, binding));
}

Deno.test("open() gives back what seal() took, for any text", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const payload = sealed(keys, "team", text, BINDING);
    assert.ok(isSealed(payload));
    assert.equal(keys.open("team", payload, BINDING), text);
  }));
});

Deno.test("seal() never says the same thing twice, nor anything of the payload", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  const texts = Array.from(
    { length: 200 },
    () => keys.seal("team", '"attack at dawn"', BINDING),
  );
  assert.equal(new Set(texts.map((text) => JSON.parse(text).$sealed.iv)).size, 200);
  assert.equal(new Set(texts.map((text) => JSON.parse(text).$sealed.data)).size, 200);
  for (const text of texts) {
    const { iv, data } = JSON.parse(text).$sealed;
    assert.equal(Uint8Array.fromBase64(iv).length, 12);
    assert.equal(Uint8Array.fromBase64(data).length, '"attack at dawn"'.length + 16);
    assert.doesNotMatch(new TextDecoder().decode(Uint8Array.fromBase64(data)), /attack|dawn/);
  }
});

Deno.test("open() refuses a payload under another sender, receiver, type or id", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  const payload = sealed(keys, "team", "1", BINDING);
  for (const field of ["from", "to", "type", "id"] as const) {
    const other = { ...BINDING, [field]: `${BINDING[field]}2` };
    assert.throws(() => keys.open("team", payload, other), { code: "SEAL_BROKEN" });
  }
  // Parts that flow over into the next must not cancel out.
  const shifted = { ...BINDING, type: `${BINDING.type}0`, id: BINDING.id.slice(1) };
  assert.throws(() => keys.open("team", payload, shifted), { code: "SEAL_BROKEN" });
});

Deno.test("open() refuses every flipped bit and every cut", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  const payload = sealed(keys, "team", '"payload"', BINDING);
  for (const field of ["iv", "data"] as const) {
    const bytes = Uint8Array.fromBase64(payload.$sealed[field]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const forged = { $sealed: { ...payload.$sealed, [field]: flipped.toBase64() } };
      assert.throws(() => keys.open("team", forged, BINDING), { code: "SEAL_BROKEN" });
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length).toBase64();
      const forged = { $sealed: { ...payload.$sealed, [field]: cut } };
      assert.throws(() => keys.open("team", forged, BINDING), { code: "SEAL_BROKEN" });
    }
  }
  const forged = { $sealed: { ...payload.$sealed, data: "no base64!" } };
  assert.throws(() => keys.open("team", forged, BINDING), { code: "SEAL_BROKEN" });
});

Deno.test("seal() uses the newest key, open() any that is still in the ring", async () => {
  const [first, second, third] = [randomKey(), randomKey(), randomKey()];
  const before = await importKeys({ team: [first] });
  const during = await importKeys({ team: [second, first] });
  const after = await importKeys({ team: [third, second] });
  const old = sealed(before, "team", '"old"', BINDING);
  const young = sealed(during, "team", '"young"', BINDING);
  assert.equal(during.open("team", old, BINDING), '"old"');
  assert.equal(after.open("team", young, BINDING), '"young"');
  assert.throws(() => after.open("team", old, BINDING), { code: "SEALING_KEY_MISSING" });
  assert.throws(() => before.open("team", young, BINDING), { code: "SEALING_KEY_MISSING" });
});

Deno.test("open() takes only what is sealed with the key that it expects", async () => {
  const keys = await importKeys({ team: [randomKey()], public: [randomKey()] });
  const payload = sealed(keys, "public", "1", BINDING);
  assert.throws(() => keys.open("team", payload, BINDING), { code: "SEALING_KEY_MISSING" });
  const renamed = { $sealed: { ...payload.$sealed, key: "team" } };
  assert.throws(() => keys.open("team", renamed, BINDING), { code: "SEALING_KEY_MISSING" });
  for (const plain of [null, 1, "text", {}, [], { $sealed: 1 }, { ...payload, more: 1 }]) {
    assert.throws(() => keys.open("team", plain, BINDING), { code: "SEAL_MISSING" });
  }
  assert.throws(() => keys.seal("absent", "1", BINDING), { code: "SEALING_KEY_MISSING" });
});

Deno.test("importKeys() makes keys that show nothing of themselves", async () => {
  const key = randomKey();
  const keys = await importKeys({ team: [key] });
  assert.equal(JSON.stringify(keys), "{}");
  const views = [Deno.inspect(keys, { depth: 9, showHidden: true }), inspect(keys, { depth: 9 })];
  for (const view of views) assert.ok(!view.includes(key.slice(0, 8)) && !view.includes("team"));
  assert.deepEqual(Reflect.ownKeys(keys), []);
});

Deno.test("importKeys() refuses what is no key, without telling it", async () => {
  const bad = ["", "c2hvcnQ=", new Uint8Array(31).toBase64(), new Uint8Array(33).toBase64(), "§§§"];
  for (const text of bad) {
    await assert.rejects(
      importKeys({ team: [text] }),
      (error: Error & { code: string }) =>
        error.code === "SEALING_KEY_INVALID" && (text === "" || !error.message.includes(text)),
    );
  }
});

Deno.test("seal() is AES-256-GCM with the given key: WebCrypto opens it", async () => {
  const key = randomKey();
  const keys = await importKeys({ team: [key] });
  const { id, iv, data } = sealed(keys, "team", '"payload"', BINDING).$sealed;
  const { from, to, type, id: messageId } = BINDING;
  const about = JSON.stringify([
    "denizen sealed payload 1",
    "team",
    id,
    from,
    to,
    type,
    messageId,
  ]);
  const raw = Uint8Array.fromBase64(key);
  const webKey = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const opened = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: Uint8Array.fromBase64(iv),
      additionalData: new TextEncoder().encode(about),
    },
    webKey,
    Uint8Array.fromBase64(data),
  );
  assert.equal(new TextDecoder().decode(opened), '"payload"');
});
