/** The WebSocket: streams, commands, and what is refused. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { SocketSession } from "../../runtime/live/mod.ts";
import type { SocketCommand, SocketDesk } from "../../runtime/live/mod.ts";
import { toErrorData } from "../../core/errors.ts";
import { LiveWorld } from "./live_world.ts";

const RUN = "01RUN";

// deno-lint-ignore no-explicit-any
type Message = any;

/** A client at the other end of a real socket. */
class Client {
  readonly socket: WebSocket;
  readonly inbox: Message[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.onmessage = ({ data }) => this.inbox.push(JSON.parse(data));
    this.closed = new Promise((resolve) => {
      this.socket.onclose = ({ code, reason }) => resolve({ code, reason });
    });
  }

  async send(message: unknown): Promise<void> {
    while (this.socket.readyState === WebSocket.CONNECTING) await sleep(2);
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The first message that fits, taken out of the inbox. */
  async take(fits: (message: Message) => boolean): Promise<Message> {
    const until = performance.now() + 30_000;
    for (;;) {
      const at = this.inbox.findIndex(fits);
      if (at >= 0) return this.inbox.splice(at, 1)[0];
      assert.ok(performance.now() < until, `never came: ${fits}; ${JSON.stringify(this.inbox)}`);
      await sleep(2);
    }
  }
}

interface Served {
  world: LiveWorld;
  client: () => Client;
  commands: SocketCommand[];
  revoke: () => void;
}

async function withSocket(
  work: (served: Served) => Promise<void>,
  limits: ConstructorParameters<typeof SocketSession>[3] = {},
): Promise<void> {
  await using world = await LiveWorld.open();
  await world.commit({ runId: RUN, events: [world.submitted()] });
  const commands: SocketCommand[] = [];
  const revoked = new AbortController();
  const desk: SocketDesk = {
    followRun: (runId, after) => world.hub.followRun(runId, { after }),
    followAll: (after) => world.hub.followAll({ after }),
    command: (command) => Promise.resolve(void commands.push(command)),
    toProblem: toErrorData,
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const ends = { drain: world.hub.draining, revoked: revoked.signal };
    new SocketSession(socket, desk, ends, limits);
    return response;
  });
  const clients: Client[] = [];
  try {
    await work({
      world,
      commands,
      revoke: () => revoked.abort(),
      client: () => {
        clients.push(new Client(`ws://127.0.0.1:${server.addr.port}/`));
        return clients.at(-1)!;
      },
    });
  } finally {
    for (const { socket, closed } of clients) {
      socket.close();
      await closed;
    }
    await server.shutdown();
  }
}

Deno.test("a socket follows runs and all runs, resumes, and is told of ends", () =>
  withSocket(async ({ world, client }) => {
    const one = client();
    await one.send({ id: "1", type: "subscribe", runId: RUN });
    await one.send({ id: "2", type: "subscribe" });
    const { subscription } = await one.take(({ id }) => id === "1");
    const all = await one.take(({ id }) => id === "2");
    const first = await one.take((message) => message.subscription === subscription);
    assert.deepEqual([first.event, first.eventId, first.update.event.type], [
      "event",
      "1.0",
      "RunSubmitted",
    ]);
    await world.commit({ runId: RUN, events: [world.signal(1), world.completed()] });
    await one.take(({ event }) => event === "end");
    const runs = await one.take(({ event }) => event === "runs");
    assert.deepEqual([runs.subscription, runs.update.completed], [all.subscription, 1]);
    await one.send({ id: "3", type: "subscribe", runId: RUN, lastEventId: "2.0" });
    const rest = await one.take((message) => message.eventId === "2.1");
    assert.equal(rest.update.event.type, "RunCompleted");
    await one.send({ id: "4", type: "unsubscribe", subscription: all.subscription });
    await one.take(({ id, type }) => id === "4" && type === "ack");
    await one.send({ type: "ping" });
    await one.take(({ type }) => type === "pong");
  }));

Deno.test("a socket hands commands on, and answers wrong messages by their ids", () =>
  withSocket(async ({ client, commands }) => {
    const one = client();
    await one.send({ id: "1", type: "command", command: "cancel", runId: RUN, reason: "why" });
    await one.take(({ id, type }) => id === "1" && type === "ack");
    assert.equal(commands[0]!.command, "cancel");
    const wrong = [
      { id: "2", type: "command", command: "erase", runId: RUN },
      { id: "3", type: "subscribe", runId: "01NONE" },
      { id: "4", type: "subscribe", runId: RUN, lastEventId: "x" },
      { id: "5", type: "unsubscribe", subscription: "s9" },
      { id: "6", type: "subscribe", more: 1 },
      { id: "7", type: "command", command: "signal", runId: RUN },
      `{"id":"8","type":"command","command":"signal","runId":"${RUN}","name":"n","payload":${
        "[".repeat(20_000) + "]".repeat(20_000)
      }}`,
    ];
    const codes: string[] = [];
    for (const message of wrong) {
      await one.send(message);
      const wanted = typeof message === "string" ? "8" : message.id;
      const answer = await one.take(({ id, type }) => id === wanted && type === "error");
      codes.push(answer.problem.code);
    }
    assert.deepEqual(codes, [
      "SOCKET_MESSAGE_WRONG",
      "RUN_NOT_FOUND",
      "EVENT_ID_INVALID",
      "SUBSCRIPTION_WRONG",
      "SOCKET_MESSAGE_WRONG",
      "SOCKET_MESSAGE_WRONG",
      "BODY_TOO_DEEP",
    ]);
    await one.send("{");
    assert.equal((await one.take(({ type }) => type === "error")).id, null);
  }));

Deno.test("a socket is closed when it asks for too much, too often, or for nothing", async () => {
  await withSocket(async ({ client }) => {
    const large = client();
    await large.send("x".repeat(70_000));
    assert.equal((await large.closed).code, 1009);
    const often = client();
    for (let at = 0; at < 100; at++) await often.send({ type: "ping" });
    await often.take(({ problem }) => problem?.code === "RATE_LIMITED");
    for (let at = 0; at < 100; at++) await often.send({ type: "ping" });
    // Whoever is still writing when the socket is closed may not hear why.
    assert.ok([1008, 1006, 0].includes((await often.closed).code));
    // Hardly any come free again, however long a slow machine takes to send them.
  }, { messagesPerS: 0.01, messagesAtOnce: 60 });
  await withSocket(async ({ client }) => {
    assert.equal((await client().closed).code, 1000);
  }, { idleMs: 200 });
  await withSocket(async ({ client }) => {
    const many = client();
    for (const id of ["1", "2", "3"]) await many.send({ id, type: "subscribe", runId: RUN });
    const { problem } = await many.take(({ id }) => id === "3");
    assert.equal(problem.code, "SUBSCRIPTION_WRONG");
  }, { subscriptionsMax: 2 });
});

Deno.test("a socket closes when its user is signed out, and when the node stops", () =>
  withSocket(async ({ world, client, revoke }) => {
    const other = client();
    await other.send({ id: "1", type: "subscribe", runId: RUN });
    await other.take(({ type }) => type === "update");
    await world.hub.close();
    assert.equal((await other.closed).code, 1012);
    const one = client();
    await one.send({ type: "ping" });
    revoke();
    assert.ok([4401, 1012].includes((await one.closed).code));
  }));
