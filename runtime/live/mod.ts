/**
 * Live streams: what happens to runs, for whoever wants to see it while it happens.
 *
 * @module
 */
export { LiveFrame, type LiveFrameType, RETRY_MS } from "./live_frame.ts";
export { createLiveFeeds, type LiveFeedsOptions } from "./live_feeds.ts";
export { LiveClients } from "./live_clients.ts";
export { LiveHub } from "./live_hub.ts";
export type { FollowAllOptions, FollowOptions, LiveHubOptions } from "./live_hub.ts";
export type { LiveNode } from "./live_node.ts";
export type { LiveStream } from "./live_stream.ts";
export type { Permit } from "./permit_watch.ts";
export { ALL_RUNS } from "./run_change.ts";
export type { RunChange, RunFilter, RunLabels, RunsUpdate, TaskCounts } from "./run_change.ts";
export type { SocketCommand } from "./socket_message.ts";
export { type SocketDesk, type SocketEnds, SocketSession } from "./socket_session.ts";
