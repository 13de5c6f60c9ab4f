/**
 * End-to-end encryption of payloads: AES-256-GCM (NIST SP 800-38D) by WebCrypto, with a random IV
 * of 96 bits. Runs inside the worker; what lies between sender and receiver, the log and the
 * dead letters included, sees only the sealed form.
 *
 * One key takes 2^32 messages at most (SP 800-38D §8.3): then put a new one in front of its list.
 * Length, type, addresses and time of a message stay visible.
 *
 * @module
 */
import { codedError } from "./failure.ts";

/** A payload as it travels. */
export interface Sealed {
  $sealed: {
    /** Name in the key ring. */
    key: string;
    /** Which key of that name: see {@linkcode importKeys}. */
    id: string;
    /** 12 bytes, in base64. */
    iv: string;
    /** Ciphertext and tag, in base64. */
    data: string;
  };
}

/** What a sealed payload belongs to. Under any other sender, receiver, type or id it does not open. */
export interface SealBinding {
  from: string;
  to: string;
  type: string;
  id: string;
}

interface SealingKey {
  id: string;
  key: CryptoKey;
}

/** Keys by name, the newest first: it seals, and all of them open. */
export type SealingKeys = ReadonlyMap<string, readonly SealingKey[]>;

const ALGORITHM = "AES-GCM";
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Part of what is authenticated: no other use of the same key yields a ciphertext for here. */
const PURPOSE = "denizen sealed payload 1";
const KEY_ID_PURPOSE = "denizen key id 1";

// Captured before the code of users can replace them.
const { subtle } = crypto;
const getRandomValues = crypto.getRandomValues.bind(crypto);
const { stringify } = JSON;

/**
 * Imports keys once, so that from then on nobody can read them out again. The id of a key is a hash
 * of it: both ends find the same one, whatever stands beside it in their lists.
 *
 * @param keys 32 bytes each in base64, by name, the newest first
 * @throws coded `SEALING_KEY_INVALID`, which does not tell the key
 */
export async function importKeys(keys: Record<string, readonly string[]>): Promise<SealingKeys> {
  const imported = new Map<string, SealingKey[]>();
  for (const [name, texts] of Object.entries(keys)) {
    imported.set(name, await Promise.all(texts.map((text) => importKey(name, text))));
  }
  return imported;
}

async function importKey(name: string, text: string): Promise<SealingKey> {
  const bytes = fromBase64(text);
  if (bytes?.length !== KEY_BYTES) {
    throw codedError(
      "SEALING_KEY_INVALID",
      `Cannot use a key of "${name}": it is not ${KEY_BYTES} bytes in base64`,
    );
  }
  const labelled = new Uint8Array([...encode(KEY_ID_PURPOSE), ...bytes]);
  const digest = new Uint8Array(await subtle.digest("SHA-256", labelled));
  const key = await subtle.importKey("raw", bytes, ALGORITHM, false, ["encrypt", "decrypt"]);
  labelled.fill(0);
  bytes.fill(0);
  return { id: digest.subarray(0, 8).toHex(), key };
}

/**
 * JSON text of the {@linkcode Sealed} form of a payload.
 *
 * @param payloadText JSON text of the payload
 * @throws coded `SEALING_KEY_MISSING` when the ring has no key of that name
 */
export async function seal(
  keys: SealingKeys,
  name: string,
  payloadText: string,
  binding: SealBinding,
): Promise<string> {
  const newest = keys.get(name)?.[0];
  if (newest === undefined) throw missing(`Cannot seal a payload: no key "${name}" is here`);
  const iv = getRandomValues(new Uint8Array(IV_BYTES));
  const data = new Uint8Array(
    await subtle.encrypt(parameters(iv, name, newest.id, binding), newest.key, encode(payloadText)),
  );
  const sealed: Sealed = {
    $sealed: { key: name, id: newest.id, iv: iv.toBase64(), data: data.toBase64() },
  };
  return stringify(sealed);
}

/**
 * JSON text of the payload that was sealed with a key of `name` for exactly this `binding`.
 *
 * @param name the key that the receiver expects: what is not sealed, or with another, is refused
 * @throws coded `SEAL_MISSING`, `SEALING_KEY_MISSING`, `SEAL_BROKEN`
 */
export async function open(
  keys: SealingKeys,
  name: string,
  payload: unknown,
  binding: SealBinding,
): Promise<string> {
  const what = `message ${stringify(binding.type)} from ${stringify(binding.from)}`;
  if (!isSealed(payload)) {
    throw codedError("SEAL_MISSING", `Cannot take ${what}: its payload is not sealed`);
  }
  const { key, id, iv, data } = payload.$sealed;
  const known = key === name ? keys.get(name)?.find((one) => one.id === id) : undefined;
  if (known === undefined) {
    throw missing(`Cannot open ${what}: it is not sealed with a key "${name}" that is here`);
  }
  const ivBytes = fromBase64(iv);
  const bytes = fromBase64(data);
  if (ivBytes?.length !== IV_BYTES || bytes === null || bytes.length < TAG_BYTES) {
    throw broken(what);
  }
  try {
    const opened = await subtle.decrypt(parameters(ivBytes, name, id, binding), known.key, bytes);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(opened);
  } catch {
    throw broken(what);
  }
}

/** Whether a payload has the form of a sealed one; whether it opens is another matter. */
export function isSealed(payload: unknown): payload is Sealed {
  if (typeof payload !== "object" || payload === null) return false;
  if (!Object.hasOwn(payload, "$sealed") || Object.keys(payload).length !== 1) return false;
  const sealed: unknown = (payload as Sealed).$sealed;
  if (typeof sealed !== "object" || sealed === null) return false;
  const fields = sealed as Record<string, unknown>;
  return ["key", "id", "iv", "data"].every((name) =>
    Object.hasOwn(fields, name) && typeof fields[name] === "string"
  );
}

/** The list as JSON text is unambiguous: no part can flow over into the next. */
function parameters(
  iv: Uint8Array<ArrayBuffer>,
  name: string,
  id: string,
  binding: SealBinding,
): AesGcmParams {
  const { from, to, type, id: messageId } = binding;
  const additionalData = encode(stringify([PURPOSE, name, id, from, to, type, messageId]));
  return { name: ALGORITHM, iv, additionalData, tagLength: TAG_BYTES * 8 };
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!BASE64.test(text)) return null;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return null;
  }
}

function missing(message: string): Error {
  return codedError("SEALING_KEY_MISSING", message);
}

/** One answer for all that can be wrong, so that nobody learns from the differences. */
function broken(what: string): Error {
  return codedError(
    "SEAL_BROKEN",
    `Cannot open ${what}: the payload was altered, or sealed for another message`,
  );
}
