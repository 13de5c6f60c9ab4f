/**
 * Texts that prove who asks: drawn at random, kept as digests.
 *
 * @module
 */
import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";

const SECRET_BYTES = 32;

/** 256 random bits in base64url: 43 characters. */
export function drawSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/**
 * SHA-256 in base64url. Fast on purpose: nobody guesses 256 random bits, and a slow hash would only
 * slow down the node. What people make up must never be hashed so.
 */
export function digestOf(text: string): string {
  return hash("sha256", text, "base64url");
}

/** Compares in a time that does not tell how much of it was right. */
export function isSameText(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => hash("sha256", text, "buffer"));
  return timingSafeEqual(one!, other!);
}

/** HMAC-SHA-256 in base64url. */
export function macOf(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** Name and secret of one kind of credential, in one text. */
export class SecretText {
  readonly #prefix: string;
  readonly #pattern: RegExp;

  /** @param prefix tells the kind at a glance, to people and to scanners of leaked secrets */
  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#pattern = new RegExp(`^${prefix}_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$`);
  }

  format(id: string, secret: string): string {
    return `${this.#prefix}_${id}_${secret}`;
  }

  /** `null` when it is none. */
  parse(text: string): { id: string; secret: string } | null {
    const found = this.#pattern.exec(text);
    return found === null ? null : { id: found[1]!, secret: found[2]! };
  }

  /** Whether it is meant to be one. */
  isOne(text: string): boolean {
    return text.startsWith(`${this.#prefix}_`);
  }
}
