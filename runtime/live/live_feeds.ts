import type { Principal } from "../../rules/access/mod.ts";
import type { ControlPlane } from "../control/mod.ts";
import { toProblem } from "../http/exchange/mod.ts";
import { hideOthers, runNotFound } from "../http/who_asks.ts";
import type { Access, FeedOptions, LiveFeeds } from "../http/services.ts";
import type { LiveClients } from "./live_clients.ts";
import type { LiveHub } from "./live_hub.ts";
import type { LiveStream } from "./live_stream.ts";
import type { Permit } from "./permit_watch.ts";
import type { RunFilter } from "./run_change.ts";
import type { SocketCommand } from "./socket_message.ts";
import { CLOSE, type SocketDesk, SocketSession } from "./socket_session.ts";
import { SseStreams } from "./sse_streams.ts";

/** Options of {@linkcode createLiveFeeds}. */
export interface LiveFeedsOptions {
  hub: LiveHub;
  runs: ControlPlane["runs"];
  access: Pick<Access, "authorize" | "sees" | "limit">;
  /** Counts who listens. */
  clients: LiveClients;
  /** What gives somebody the right to listen: looked at every few seconds. */
  permit: (principal: Principal) => Permit;
}

/** Pings that a socket's peer must answer within the same time, in seconds. */
const SOCKET_PING_S = 30;

/** Live streams as the HTTP app offers them: whoever asks sees what they may see. */
export function createLiveFeeds(options: LiveFeedsOptions): LiveFeeds {
  const { hub, clients } = options;
  const sse = new SseStreams({ turns: hub.turns, onStall: () => void clients.dropped++ });
  return {
    async run(runId, { principal, lastEventId, signal }: FeedOptions) {
      const onEnd = clients.enter("sse", principal);
      try {
        const permit = options.permit(principal);
        const stream = await hub.followRun(runId, { after: lastEventId, signal, permit, onEnd });
        return sse.respond(stream);
      } catch (error) {
        onEnd();
        throw error;
      }
    },
    all({ principal, lastEventId, signal }: FeedOptions) {
      const onEnd = clients.enter("sse", principal);
      try {
        const stream = followAll(principal, lastEventId ?? null, options, { signal, onEnd });
        return sse.respond(stream);
      } catch (error) {
        onEnd();
        throw error;
      }
    },
    webSocket(request, { principal }) {
      const leave = clients.enter("webSocket", principal);
      try {
        return takeSocket(request, principal, options, leave);
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}

function takeSocket(
  request: Request,
  principal: Principal,
  options: LiveFeedsOptions,
  leave: () => void,
): Response {
  const { hub, clients } = options;
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: SOCKET_PING_S });
  const permit = hub.watchPermit(options.permit(principal));
  const release = () => {
    leave();
    permit.release();
  };
  socket.addEventListener("close", ({ code }) => {
    if (code === CLOSE.tooSlow) clients.dropped++;
    release();
  });
  socket.addEventListener("error", release);
  const ends = { drain: hub.draining, revoked: permit.signal };
  new SocketSession(socket, deskOf(principal, options), ends);
  return response;
}

function followAll(
  principal: Principal,
  after: string | null,
  options: LiveFeedsOptions,
  ends: { signal?: AbortSignal; onEnd?: () => void } = {},
): LiveStream {
  const filter = filterOf(principal, options);
  return options.hub.followAll({ after, ...ends, filter, permit: options.permit(principal) });
}

function deskOf(principal: Principal, options: LiveFeedsOptions): SocketDesk {
  const { hub, runs, access } = options;
  const may = async (action: "runs:read" | "runs:write", runId: string) => {
    const labels = await runs.labelsOf(runId);
    await hideOthers(
      () => access.authorize(principal, action, { ...labels, name: `run:${runId}` }),
      () => runNotFound(runId),
    );
  };
  return {
    async followRun(runId, after) {
      await may("runs:read", runId);
      return await hub.followRun(runId, { after });
    },
    async followAll(after) {
      await access.authorize(principal, "runs:read");
      return followAll(principal, after, options);
    },
    async command(command) {
      access.limit("write", principal, { address: "" });
      await may("runs:write", command.runId);
      await obey(command, runs);
    },
    toProblem: (error) => toProblem(error, `urn:socket:${crypto.randomUUID()}`),
  };
}

async function obey(command: SocketCommand, runs: ControlPlane["runs"]): Promise<void> {
  const { runId } = command;
  switch (command.command) {
    case "cancel":
      return await runs.cancel(runId, command.reason);
    case "signal": {
      const { name, payload, signalId } = command;
      return await runs.signal(runId, name, payload, { signalId });
    }
    case "cancelTask":
      return await runs.cancelTask(runId, command.taskId, command.reason);
    default:
      return await runs[command.command](runId);
  }
}

/** Whoever has the same rights sees the same runs. */
function filterOf(principal: Principal, { access }: LiveFeedsOptions): RunFilter {
  const { role, scopes, tenant, workflows, tags } = principal;
  return {
    key: JSON.stringify([role, scopes, tenant, workflows, tags]),
    accepts: (labels) => access.sees(principal, labels),
  };
}
