import type { HttpApp } from "../http/mod.ts";

/** The way into a node: open before there is anything behind it, and after. */
export class Door {
  /** What answers; until it is there, the node is starting. */
  app: HttpApp | null = null;
  /** What is to be put away before the node's stores close. */
  leave: () => Promise<void> = () => Promise.resolve();

  async answer(
    request: Request,
    info: { remoteAddr: { hostname: string } },
  ): Promise<Response> {
    if (this.app !== null) return await this.app(request, info);
    const headers = { "retry-after": "1", "content-type": "text/plain; charset=utf-8" };
    return new Response("This node is starting\n", { status: 503, headers });
  }
}
