/** A map that forgets what was not asked for the longest (least recently used) when it is full. */
export class BoundedCache<Value> {
  readonly #limits: { entriesMax: number; weightMax: number };
  readonly #entries = new Map<string, { value: Value; weight: number }>();
  #weight = 0;

  /** @param limits `weightMax`: of all entries together; one that is heavier is not kept */
  constructor(limits: { entriesMax: number; weightMax?: number }) {
    this.#limits = { weightMax: Infinity, ...limits };
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value, weight = 1): void {
    this.delete(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    const { entriesMax, weightMax } = this.#limits;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= entriesMax && this.#weight <= weightMax) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }
}
