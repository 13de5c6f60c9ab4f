/**
 * The external ledger as a process: what agents do to the world. It is never killed, and lives
 * until its standard input closes, so it goes with the process that asked for it.
 *
 * `POST /effects` writes one effect: 200 when it was taken, 409 when a later attempt was there
 * before. `GET /effects?after=N` answers with all entries behind number N, as JSON.
 *
 * @module
 */
import { EffectBook, parseEffect } from "./effect_book.ts";

const book = new EffectBook();

async function handle(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== "/effects") return new Response(null, { status: 404 });
  if (request.method === "GET") {
    return Response.json(book.entries.slice(Number(searchParams.get("after") ?? 0)));
  }
  const effect = parseEffect(await request.json().catch(() => null));
  if (effect === null) return new Response(null, { status: 400 });
  const { n, isAccepted } = book.write(effect, performance.now());
  return Response.json({ n }, { status: isAccepted ? 200 : 409 });
}

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`127.0.0.1:${port}`),
}, handle);
// The asker's Ctrl-C reaches us as well; it closes our input, and that is the sign.
Deno.addSignalListener("SIGINT", () => {});
for await (const _ of Deno.stdin.readable);
await server.shutdown();
Deno.exit(0);
