/**
 * `deno run -A bench/http_listeners.ts JSON`: opens many event streams, and says so; ends when its
 * standard input does, and says what came. Bytes are counted and not parsed, so that listening costs
 * little beside what is measured.
 *
 * @module
 */

/** Who listens to what. */
export interface Listeners {
  origin: string;
  key: string;
  /** Paths, one connection each. */
  paths: readonly string[];
}

/** What came, over all connections. */
export interface Heard {
  /** Connections that were refused, or ended before their time. */
  lost: number;
  /** Connections over which something came after the head of the answer. */
  served: number;
  bytes: number;
  /** Blank lines, which end frames and comments. */
  frames: number;
}

/** Connections that are being opened at once. */
const OPENING_MAX = 50;
const LINE_END = 10;

const heard: Heard = { lost: 0, served: 0, bytes: 0, frames: 0 };

/** Resolves once the answer has begun; goes on reading. */
async function listen({ origin, key }: Listeners, path: string): Promise<void> {
  const { hostname, port, host } = new URL(origin);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const head = [`GET ${path} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${key}`];
  const text = `${[...head, "Accept: text/event-stream"].join("\r\n")}\r\n\r\n`;
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(16 * 1024);
  const count = await connection.read(buffer) ?? 0;
  const answer = new TextDecoder().decode(buffer.subarray(0, count));
  if (!answer.startsWith("HTTP/1.1 200")) {
    heard.lost++;
    console.error(`refused: ${answer.slice(0, 400)}`);
    return connection.close();
  }
  void follow(connection, buffer);
}

async function follow(connection: Deno.Conn, buffer: Uint8Array): Promise<void> {
  let hasCome = false;
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    if (!hasCome) heard.served++;
    hasCome = true;
    heard.bytes += count;
    for (let at = 1; at < count; at++) {
      if (buffer[at] === LINE_END && buffer[at - 1] === LINE_END) heard.frames++;
    }
  }
  heard.lost++;
}

if (import.meta.main) {
  const listeners: Listeners = JSON.parse(Deno.args[0]!);
  const { paths } = listeners;
  for (let at = 0; at < paths.length; at += OPENING_MAX) {
    await Promise.all(paths.slice(at, at + OPENING_MAX).map((path) => listen(listeners, path)));
  }
  console.log("listening");
  for await (const _ of Deno.stdin.readable);
  console.log(JSON.stringify(heard));
  Deno.exit(0);
}
