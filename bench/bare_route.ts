/**
 * `deno run -A bench/bare_route.ts FILE`: what the API is measured beside. Hono and nothing else: a GET
 * that answers with the JSON document in FILE, put into text each time, and a POST that reads its
 * body.
 *
 * @module
 */
import { Hono } from "hono";

const page = JSON.parse(await Deno.readTextFile(Deno.args[0]!));

const app = new Hono();
app.get("/runs", (c) => c.json(page));
app.post("/runs", async (c) => {
  const { workflow } = await c.req.json<{ workflow: string }>();
  return c.json({ runId: "01M7ZS53HPR4ASAT4PBTC9KP00", workflow }, 202);
});

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`),
}, app.fetch);
