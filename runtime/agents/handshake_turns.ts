/** Handshakes at once: who registers many agents must not take the node from those that work. */
const AT_ONCE_MAX = 4;
/** Of one tenant: its agents that never answer must not hold up those of others. */
const OF_TENANT_MAX = 2;

interface Waiting {
  tenant: string | null;
  begin: () => void;
}

/** Lets handshakes begin one after the other, and tenants beside each other. */
export class HandshakeTurns {
  #waiting: Waiting[] = [];
  readonly #running = new Map<string | null, number>();
  #count = 0;

  /** Does the work when its turn has come. */
  async take<Value>(tenant: string | null, work: () => Promise<Value>): Promise<Value> {
    const turn = Promise.withResolvers<void>();
    this.#waiting.push({ tenant, begin: turn.resolve });
    this.#beginNext();
    await turn.promise;
    try {
      return await work();
    } finally {
      this.#count--;
      this.#running.set(tenant, this.#running.get(tenant)! - 1);
      if (this.#running.get(tenant) === 0) this.#running.delete(tenant);
      this.#beginNext();
    }
  }

  #beginNext(): void {
    while (this.#count < AT_ONCE_MAX) {
      const at = this.#waiting.findIndex(({ tenant }) =>
        (this.#running.get(tenant) ?? 0) < OF_TENANT_MAX
      );
      if (at < 0) return;
      const [next] = this.#waiting.splice(at, 1);
      this.#count++;
      this.#running.set(next!.tenant, (this.#running.get(next!.tenant) ?? 0) + 1);
      next!.begin();
    }
  }
}
