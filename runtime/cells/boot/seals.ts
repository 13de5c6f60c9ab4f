/**
 * What one end of sealed messages must seal and can open: a worker for its actor, the node for the
 * world outside of the system.
 *
 * @module
 */
import { findUntamed, JSON_VALUES_MAX } from "../../../actors/frames.ts";
import { EXTERNAL, MAIN_KEY, parseAddress } from "../../../actors/messages/address.ts";
import { codedError } from "./failure.ts";
import { importKeys, type SealBinding, type SealingKeys } from "./sealing.ts";

/** Of what is told to a module beside its code. */
export interface SealsHost {
  /** The definition in the system file; left out for the world outside. */
  name?: string;
  /** Actors that take only sealed messages, with the name of the key. */
  sealed?: Record<string, string>;
  /** By name, the newest first, 32 bytes each in base64. */
  keys?: Record<string, string[]>;
}

/** A message that was sealed; its answer must be sealed for it. */
export interface SealedMessage {
  /** JSON text. */
  text: string;
  key: string;
  binding: SealBinding;
}

const { parse } = JSON;
const newId = crypto.randomUUID.bind(crypto);

/**
 * Imports the keys; `null` where nothing is sealed.
 *
 * @param charsMax longest JSON text of a sealed payload
 * @throws coded `SEALING_KEY_INVALID`
 */
export async function createSeals(host: SealsHost, charsMax: number): Promise<Seals | null> {
  const { name, sealed, keys } = host;
  if (sealed === undefined || keys === undefined) return null;
  return new Seals(name ?? null, sealed, await importKeys(keys), charsMax);
}

export class Seals {
  readonly #name: string | null;
  readonly #sealed: ReadonlyMap<string, string>;
  readonly #keys: SealingKeys;
  readonly #charsMax: number;
  /** Name of the key that messages to this end are sealed with; `null`: it takes plain ones. */
  readonly #ownKey: string | null;

  constructor(
    name: string | null,
    sealed: Record<string, string>,
    keys: SealingKeys,
    charsMax: number,
  ) {
    this.#name = name;
    this.#sealed = new Map(Object.entries(sealed));
    this.#keys = keys;
    this.#charsMax = charsMax;
    this.#ownKey = name === null ? null : this.#sealed.get(name) ?? null;
  }

  /** Whether messages to this end are sealed. */
  get isReceiver(): boolean {
    return this.#ownKey !== null;
  }

  /**
   * Seals a payload, if the receiver wants that; else gives `null`.
   *
   * @param text JSON text of the payload
   * @param from of an actor, which is one of many instances; an agent has but one address
   * @throws coded `SEALING_KEY_MISSING`, `INVALID_OUTPUT` when it is too long then
   */
  seal(
    text: string,
    { to, type, id, from }: { to: string; type: string; id?: string; from?: string },
  ): SealedMessage | null {
    const address = parseAddress(to);
    const key = "problem" in address ? undefined : this.#sealed.get(address.name);
    if (key === undefined) return null;
    const binding = bind({ from: from ?? this.address, to, type, id: id ?? newId() });
    return { text: this.#seal(key, text, binding), key, binding };
  }

  /** Of an agent; an actor's address has a key. */
  get address(): string {
    return this.#name === null ? EXTERNAL : `actor://${this.#name}`;
  }

  /** The payload of a message to this end. Throws a coded error when it does not open. */
  open(payload: unknown, message: SealBinding): unknown {
    return this.#open(this.#ownKey!, payload, bind(message));
  }

  /** Seals the answer to a message to this end. */
  sealAnswer(text: string, message: SealBinding): string {
    return this.#seal(this.#ownKey!, text, toAnswer(bind(message)));
  }

  /** The answer to a message that this end sealed. Throws a coded error when it does not open. */
  openAnswer({ key, binding }: SealedMessage, answer: unknown): unknown {
    return this.#open(key, answer, toAnswer(binding));
  }

  #seal(key: string, text: string, binding: SealBinding): string {
    const sealed = this.#keys.seal(key, text, binding);
    if (sealed.length <= this.#charsMax) return sealed;
    throw codedError(
      "INVALID_OUTPUT",
      `Payload of "${binding.type}" is more than ${this.#charsMax} characters once it is sealed`,
    );
  }

  /** Whoever has the key can seal anything: the node could not look at it. */
  #open(key: string, payload: unknown, binding: SealBinding): unknown {
    const text = this.#keys.open(key, payload, binding);
    const isTame = text.length <= this.#charsMax && findUntamed(text, JSON_VALUES_MAX) === null;
    try {
      if (isTame) return parse(text);
    } catch {
      // Said below.
    }
    const what = `"${binding.type}" from "${binding.from}"`;
    const error = codedError("SEAL_BROKEN", `Cannot read ${what}: what was sealed is no fit JSON`);
    throw Object.assign(error, { retryable: false });
  }
}

function toAnswer({ from, to, type, id }: SealBinding): SealBinding {
  return { from: to, to: from, type: `${type}:answer`, id };
}

/** Senders may leave out the key of the main instance; agents have none. */
function bind({ from, to, type, id }: SealBinding): SealBinding {
  return { from: full(from), to: full(to), type, id };
}

function full(address: string): string {
  const parsed = parseAddress(address);
  return "problem" in parsed || parsed.key !== null ? address : `${address}/${MAIN_KEY}`;
}
