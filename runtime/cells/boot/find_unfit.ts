/** What keeps a value from being an output. */
export type Unfit =
  | { fault: "long" | "large" | "deep" }
  | { fault: "foreign"; path: (string | number)[]; what: string };

/** Bounds of an output. */
export interface FitLimits {
  /** Characters of texts and keys alone. */
  charsMax: number;
  valuesMax: number;
  depthMax: number;
}

/**
 * Looks for what JSON cannot hold and would change without a word, and for more than the limits
 * allow. Asked before the JSON text is made: making it could take the memory that the limits are
 * there to spare. An object with `toJSON` is left to it. A circle ends as `deep`.
 *
 * @returns the first such thing, or `null`
 */
export function findUnfit(value: unknown, limits: FitLimits): Unfit | null {
  return new Walk(limits).look(value, 1);
}

class Walk {
  readonly #limits: FitLimits;
  #chars = 0;
  #values = 0;

  constructor(limits: FitLimits) {
    this.#limits = limits;
  }

  look(value: unknown, depth: number): Unfit | null {
    if (++this.#values > this.#limits.valuesMax) return { fault: "large" };
    switch (typeof value) {
      case "string":
        return this.#read(value);
      case "number":
        return Number.isFinite(value) ? null : foreign(String(value));
      case "boolean":
        return null;
      case "object":
        if (value === null) return null;
        if (depth > this.#limits.depthMax) return { fault: "deep" };
        return Array.isArray(value) ? this.#lookAtList(value, depth) : this.#open(value, depth);
      case "undefined":
        return foreign("undefined");
      default:
        return foreign(typeof value === "bigint" ? "a BigInt" : `a ${typeof value}`);
    }
  }

  #read(text: string): Unfit | null {
    this.#chars += text.length;
    return this.#chars > this.#limits.charsMax ? { fault: "long" } : null;
  }

  #lookAtList(list: unknown[], depth: number): Unfit | null {
    for (let at = 0; at < list.length; at++) {
      const unfit = this.look(list[at], depth + 1);
      if (unfit !== null) return within(at, unfit);
    }
    return null;
  }

  #open(object: object, depth: number): Unfit | null {
    const prototype = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      const what = nameIfUnfit(object);
      if (what !== null) return foreign(what);
    }
    const members = object as Record<string, unknown>;
    if (typeof members.toJSON === "function") return null;
    for (const key of Object.keys(members)) {
      const member = members[key];
      // JSON leaves the key out, which says the same.
      if (member === undefined) continue;
      const unfit = this.#read(key) ?? this.look(member, depth + 1);
      if (unfit !== null) return within(key, unfit);
    }
    return null;
  }
}

function foreign(what: string): Unfit {
  return { fault: "foreign", path: [], what };
}

function within(key: string | number, unfit: Unfit): Unfit {
  if (unfit.fault === "foreign") unfit.path.unshift(key);
  return unfit;
}

/** Of built-in objects JSON keeps little or nothing; own classes have their own properties. */
function nameIfUnfit(object: object): string | null {
  if (object instanceof Date) return Number.isNaN(object.getTime()) ? "an invalid date" : null;
  const isUnfit = object instanceof Error || object instanceof Map || object instanceof Set ||
    ArrayBuffer.isView(object) ||
    (!("toJSON" in object) && isTagged(object) && Object.keys(object).length === 0);
  if (!isUnfit) return null;
  const { name } = object.constructor ?? {};
  return typeof name === "string" && name !== "" ? `of class ${name}` : "an object of the platform";
}

/** Whether the platform gave the object a kind of its own: `RegExp`, `Promise`, `Headers` … */
function isTagged(object: object): boolean {
  const tag = Object.prototype.toString.call(object).slice("[object ".length, -1);
  return !["Object", "Number", "String", "Boolean"].includes(tag);
}
