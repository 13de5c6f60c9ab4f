/** What happens to a request of a kind: `POST /v2/atomic_write`. */
export type Fault =
  /** The connection is cut before anything of it has reached the server. */
  | "before"
  /** The server does it; the connection is cut before anything of the answer has come back. */
  | "after"
  /** It reaches the server only when the test says so; meanwhile its connection stays open. */
  | "hold";

/** A TCP proxy before a server that does to its connections what a bad network does. */
export class FaultyProxy {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: number;
  readonly #open = new Set<Deno.Conn>();
  readonly #frozen = new WeakSet<Deno.Conn>();
  readonly #work = new Set<Promise<void>>();
  readonly #held: (() => void)[] = [];
  /** Asked for each request that begins; `null`: it passes. */
  judge: (request: string) => Fault | null = () => null;
  /** How often each fault was done. */
  readonly done: Record<Fault, number> = { before: 0, after: 0, hold: 0 };

  /** `target`: port of the server on the loopback address. */
  constructor(target: number) {
    this.#target = target;
    this.#track(this.#accept());
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}/`;
  }

  /** Requests that wait for {@linkcode release}. */
  get heldCount(): number {
    return this.#held.length;
  }

  /** Lets all requests that are held reach the server, and waits for its answers. */
  async release(): Promise<void> {
    const before = this.done.hold;
    const count = this.#held.length;
    for (const go of this.#held.splice(0)) go();
    while (this.done.hold < before + count) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Nothing comes back over the connections that are open by now, and none is closed. */
  freeze(): void {
    for (const connection of this.#open) this.#frozen.add(connection);
  }

  /** Cuts every connection. */
  cutAll(): void {
    for (const connection of this.#open) close(connection);
  }

  async stop(): Promise<void> {
    this.#listener.close();
    for (const go of this.#held.splice(0)) go();
    this.cutAll();
    await Promise.all(this.#work);
  }

  #track(work: Promise<void>): void {
    const done = work.catch(() => {}).finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#track(this.#serve(client));
  }

  async #serve(client: Deno.Conn): Promise<void> {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target })
      .catch(() => null);
    if (server === null) return close(client);
    this.#open.add(client).add(server);
    const state: { fault: Fault | null } = { fault: null };
    try {
      await Promise.race([this.#up(client, server, state), this.#down(client, server, state)]);
    } catch {
      // A connection that broke: the other one goes as well.
    }
    for (const connection of [client, server]) {
      close(connection);
      this.#open.delete(connection);
    }
  }

  /** From the client to the server. */
  async #up(client: Deno.Conn, server: Deno.Conn, state: { fault: Fault | null }): Promise<void> {
    for await (const chunk of client.readable.values({ preventCancel: true })) {
      const request = /^POST \S+/.exec(new TextDecoder().decode(chunk.subarray(0, 100)))?.[0];
      if (request !== undefined) state.fault = this.judge(request);
      if (state.fault === "before") {
        this.done.before++;
        return;
      }
      if (state.fault === "hold") await new Promise<void>((resolve) => this.#held.push(resolve));
      await write(server, chunk);
    }
    // The client has gone; what it asked for is done all the same.
    if (state.fault === "hold") await new Promise(() => {});
  }

  /** From the server to the client. */
  async #down(client: Deno.Conn, server: Deno.Conn, state: { fault: Fault | null }): Promise<void> {
    for await (const chunk of server.readable.values({ preventCancel: true })) {
      if (state.fault === "after" || state.fault === "hold") {
        this.done[state.fault]++;
        return;
      }
      if (!this.#frozen.has(client)) await write(client, chunk);
    }
  }
}

async function write(connection: Deno.Conn, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += await connection.write(chunk.subarray(at));
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
