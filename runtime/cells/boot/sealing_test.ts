import assert from "node:assert/strict";
import fc from "fast-check";
import { importKeys, isSealed, open, seal, type SealBinding, type Sealed } from "./sealing.ts";

const BINDING: SealBinding = {
  from: "actor://walker/main",
  to: "actor://counter/main",
  type: "count",
  id: "01J9QZ",
};

function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(32)).toBase64();
}

async function sealed(
  ...[keys, name, text, binding]: Parameters<typeof seal>
): Promise<Sealed> {
  return JSON.parse(await seal(keys, name, text, binding));
}

Deno.test("open() gives back what seal() took, for any text", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
    const payload = await sealed(keys, "team", text, BINDING);
    assert.ok(isSealed(payload));
    assert.equal(await open(keys, "team", payload, BINDING), text);
  }));
});

Deno.test("seal() never says the same thing twice, nor anything of the payload", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  const texts = await Promise.all(
    Array.from({ length: 200 }, () => seal(keys, "team", '"attack at dawn"', BINDING)),
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
  const payload = await sealed(keys, "team", "1", BINDING);
  for (const field of ["from", "to", "type", "id"] as const) {
    const other = { ...BINDING, [field]: `${BINDING[field]}2` };
    await assert.rejects(open(keys, "team", payload, other), { code: "SEAL_BROKEN" });
  }
  // Parts that flow over into the next must not cancel out.
  const shifted = { ...BINDING, type: `${BINDING.type}0`, id: BINDING.id.slice(1) };
  await assert.rejects(open(keys, "team", payload, shifted), { code: "SEAL_BROKEN" });
});

Deno.test("open() refuses every flipped bit and every cut", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  const payload = await sealed(keys, "team", '"payload"', BINDING);
  for (const field of ["iv", "data"] as const) {
    const bytes = Uint8Array.fromBase64(payload.$sealed[field]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const forged = { $sealed: { ...payload.$sealed, [field]: flipped.toBase64() } };
      await assert.rejects(open(keys, "team", forged, BINDING), { code: "SEAL_BROKEN" });
    }
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.slice(0, length).toBase64();
      const forged = { $sealed: { ...payload.$sealed, [field]: cut } };
      await assert.rejects(open(keys, "team", forged, BINDING), { code: "SEAL_BROKEN" });
    }
  }
  const forged = { $sealed: { ...payload.$sealed, data: "no base64!" } };
  await assert.rejects(open(keys, "team", forged, BINDING), { code: "SEAL_BROKEN" });
});

Deno.test("seal() uses the newest key, open() any that is still in the ring", async () => {
  const [first, second, third] = [randomKey(), randomKey(), randomKey()];
  const before = await importKeys({ team: [first] });
  const during = await importKeys({ team: [second, first] });
  const after = await importKeys({ team: [third, second] });
  const old = await sealed(before, "team", '"old"', BINDING);
  const young = await sealed(during, "team", '"young"', BINDING);
  assert.equal(await open(during, "team", old, BINDING), '"old"');
  assert.equal(await open(after, "team", young, BINDING), '"young"');
  await assert.rejects(open(after, "team", old, BINDING), { code: "SEALING_KEY_MISSING" });
  await assert.rejects(open(before, "team", young, BINDING), { code: "SEALING_KEY_MISSING" });
});

Deno.test("open() takes only what is sealed with the key that it expects", async () => {
  const keys = await importKeys({ team: [randomKey()], public: [randomKey()] });
  const payload = await sealed(keys, "public", "1", BINDING);
  await assert.rejects(open(keys, "team", payload, BINDING), { code: "SEALING_KEY_MISSING" });
  const renamed = { $sealed: { ...payload.$sealed, key: "team" } };
  await assert.rejects(open(keys, "team", renamed, BINDING), { code: "SEALING_KEY_MISSING" });
  for (const plain of [null, 1, "text", {}, [], { $sealed: 1 }, { ...payload, more: 1 }]) {
    await assert.rejects(open(keys, "team", plain, BINDING), { code: "SEAL_MISSING" });
  }
  await assert.rejects(seal(keys, "absent", "1", BINDING), { code: "SEALING_KEY_MISSING" });
});

Deno.test("importKeys() makes keys that nobody can read out", async () => {
  const keys = await importKeys({ team: [randomKey()] });
  const { key } = keys.get("team")![0]!;
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey("raw", key));
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
