/**
 * One WebSocket: the same streams as over HTTP, several of them over one connection, and commands.
 *
 * | client | server |
 * | --- | --- |
 * | `{id,type:"subscribe",runId?,lastEventId?}` | `{type:"ack",id,subscription}`, then `{type:"update",subscription,event,eventId,update}` |
 * | `{id,type:"unsubscribe",subscription}` | `{type:"ack",id}` |
 * | `{id,type:"command",command,runId,…}` | `{type:"ack",id}` once the wish is durable |
 * | `{type:"ping"}` | `{type:"pong"}` |
 *
 * What cannot be done is answered with `{type:"error",id,problem}`.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidInputError, RateLimitedError } from "../../core/errors.ts";
import type { LiveFrame } from "./live_frame.ts";
import type { LiveStream } from "./live_stream.ts";
import {
  idOfMessage,
  readSocketMessage,
  type SocketCommand,
  type SocketMessage,
} from "./socket_message.ts";

/** What a socket may do; whoever makes it has checked who is at the other end. */
export interface SocketDesk {
  /** @throws what the client is told, such as `RUN_NOT_FOUND` or `FORBIDDEN` */
  followRun(runId: string, lastEventId: string | null): Promise<LiveStream>;
  followAll(lastEventId: string | null): LiveStream | Promise<LiveStream>;
  command(command: SocketCommand): Promise<void>;
  /** An error as its client is told of it. */
  toProblem(error: unknown): unknown;
}

/** When a socket is closed, and why. */
export interface SocketEnds {
  drain: AbortSignal;
  revoked?: AbortSignal;
}

/** What one socket may take of a node. */
export interface SocketLimits {
  messageCharsMax: number;
  /** Messages in a second, and at once. */
  messagesPerS: number;
  messagesAtOnce: number;
  subscriptionsMax: number;
  /** Bytes that wait to be sent: no more frames are taken before there are fewer. */
  bufferedBytesMax: number;
  /** Whoever takes nothing for so long is cut off. */
  stallMs: number;
  /** A socket without subscriptions and messages is closed after so long. */
  idleMs: number;
}

const LIMITS: SocketLimits = {
  messageCharsMax: 64 * 1024,
  messagesPerS: 20,
  messagesAtOnce: 60,
  subscriptionsMax: 50,
  bufferedBytesMax: 256 * 1024,
  stallMs: 15_000,
  idleMs: 120_000,
};

/** Reasons to close, RFC 6455 §7.4 and, from 4000 on, our own. */
export const CLOSE = {
  policy: 1008,
  tooLarge: 1009,
  restart: 1012,
  tooSlow: 1013,
  revoked: 4401,
} as const;

const BUFFER_LOOK_MS = 25;

/** Works with a socket until it closes. */
export class SocketSession {
  readonly #socket: WebSocket;
  readonly #desk: SocketDesk;
  readonly #limits: SocketLimits;
  readonly #streams = new Map<string, LiveStream>();
  #nextSubscription = 1;
  /** Subscriptions that are being opened. */
  #opening = 0;
  #tokens: number;
  #countedAt = performance.now();
  #heardAt = performance.now();
  #idling: ReturnType<typeof setInterval> | undefined;

  constructor(
    socket: WebSocket,
    desk: SocketDesk,
    ends: SocketEnds,
    limits: Partial<SocketLimits> = {},
  ) {
    this.#socket = socket;
    this.#desk = desk;
    this.#limits = { ...LIMITS, ...limits };
    this.#tokens = this.#limits.messagesAtOnce;
    const cut = (signal: AbortSignal | undefined, code: number, reason: string) => {
      if (signal === undefined) return;
      const onAbort = () => this.#close(code, reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort);
      socket.addEventListener("close", () => signal.removeEventListener("abort", onAbort));
    };
    socket.addEventListener("open", () => {
      cut(ends.drain, CLOSE.restart, "the node stops");
      cut(ends.revoked, CLOSE.revoked, "signed out");
      this.#idling = setInterval(() => this.#closeIfIdle(), this.#limits.idleMs / 4);
    });
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    socket.addEventListener("close", () => this.#end());
    socket.addEventListener("error", () => this.#end());
  }

  #onMessage(data: unknown): void {
    this.#heardAt = performance.now();
    if (typeof data !== "string") return this.#close(CLOSE.policy, "text only");
    if (data.length > this.#limits.messageCharsMax) {
      return this.#close(CLOSE.tooLarge, "message too large");
    }
    if (!this.#mayTalk()) return this.#refuse(idOfMessage(data), tooMany());
    try {
      void this.#take(readSocketMessage(data));
    } catch (error) {
      this.#refuse(idOfMessage(data), error);
    }
  }

  /** A token bucket; whoever goes on far beyond it is cut off. */
  #mayTalk(): boolean {
    const { messagesPerS, messagesAtOnce } = this.#limits;
    const now = performance.now();
    const refilled = this.#tokens + (now - this.#countedAt) / 1_000 * messagesPerS;
    this.#tokens = Math.min(messagesAtOnce, refilled) - 1;
    this.#countedAt = now;
    if (this.#tokens < -messagesAtOnce) this.#close(CLOSE.policy, "too many messages");
    return this.#tokens >= 0;
  }

  async #take(message: SocketMessage): Promise<void> {
    if (message.type === "ping") return this.#send({ type: "pong" });
    const { id } = message;
    try {
      if (message.type === "subscribe") return await this.#subscribe(message);
      if (message.type === "unsubscribe") this.#unsubscribe(message.subscription);
      else await this.#desk.command(message);
      this.#send({ type: "ack", id });
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  async #subscribe(message: SocketMessage & { type: "subscribe" }): Promise<void> {
    const { id, runId, lastEventId = null } = message;
    const open = this.#streams.size + this.#opening;
    if (open >= this.#limits.subscriptionsMax) throw tooManySubscriptions();
    const subscription = `s${this.#nextSubscription++}`;
    const stream = await this.#open(runId, lastEventId);
    if (this.#socket.readyState !== WebSocket.OPEN) return stream.close();
    this.#streams.set(subscription, stream);
    this.#send({ type: "ack", id, subscription });
    this.#pump(subscription, stream).catch((error) => {
      this.#refuse(id, error);
      this.#streams.delete(subscription);
    });
  }

  async #open(runId: string | undefined, lastEventId: string | null): Promise<LiveStream> {
    this.#opening++;
    try {
      return runId === undefined
        ? await this.#desk.followAll(lastEventId)
        : await this.#desk.followRun(runId, lastEventId);
    } finally {
      this.#opening--;
    }
  }

  #unsubscribe(subscription: string): void {
    const stream = this.#streams.get(subscription);
    if (stream === undefined) throw unknownSubscription(subscription);
    this.#streams.delete(subscription);
    stream.close();
  }

  async #pump(subscription: string, stream: LiveStream): Promise<void> {
    for await (const frame of stream) {
      if (this.#streams.get(subscription) !== stream || !await this.#hasRoom()) break;
      this.#socket.send(encodeUpdate(subscription, frame));
    }
    stream.close();
    if (this.#streams.get(subscription) === stream) this.#streams.delete(subscription);
  }

  /** Resolves once less waits to be sent; `false` when that takes too long, or nobody is there. */
  async #hasRoom(): Promise<boolean> {
    const until = performance.now() + this.#limits.stallMs;
    while (this.#socket.readyState === WebSocket.OPEN) {
      if (this.#socket.bufferedAmount <= this.#limits.bufferedBytesMax) return true;
      if (performance.now() > until) this.#close(CLOSE.tooSlow, "too slow; resume");
      else await sleep(BUFFER_LOOK_MS);
    }
    return false;
  }

  #refuse(id: string | null, error: unknown): void {
    this.#send({ type: "error", id, problem: this.#desk.toProblem(error) });
  }

  #send(message: unknown): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #closeIfIdle(): void {
    const isIdle = performance.now() - this.#heardAt > this.#limits.idleMs;
    if (isIdle && this.#streams.size === 0) this.#close(1000, "idle");
  }

  #close(code: number, reason: string): void {
    this.#end();
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, reason);
  }

  #end(): void {
    clearInterval(this.#idling);
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }
}

/** The data of a frame is JSON text already. */
function encodeUpdate(subscription: string, { type, id, data }: LiveFrame): string {
  const eventId = JSON.stringify(id);
  return `{"type":"update","subscription":"${subscription}","event":"${type}","eventId":${eventId},"update":${data}}`;
}

function tooMany(): RateLimitedError {
  return new RateLimitedError("RATE_LIMITED", {
    message: "Cannot take so many messages over one socket",
    hint: "Send fewer in a second",
  });
}

function tooManySubscriptions(): InvalidInputError {
  return new InvalidInputError("SUBSCRIPTION_WRONG", {
    message: "Cannot follow so many streams over one socket",
    hint: "Unsubscribe from some, or follow all runs with one subscription",
  });
}

function unknownSubscription(subscription: string): InvalidInputError {
  return new InvalidInputError("SUBSCRIPTION_WRONG", {
    message: `Found no subscription "${subscription}"`,
    hint: "Use the name that came with the acknowledgement; streams that have ended have none",
  });
}
