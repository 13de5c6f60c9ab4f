/**
 * The node's API as pages use it: calls, live events, the session.
 *
 * @module
 */
export {
  type Answer,
  API,
  api,
  type CallOptions,
  type Query,
  queryText,
  segment,
} from "./client.ts";
export type * from "./documents.ts";
export { ApiError, type Problem, toProblem } from "./problem.ts";
export { loadSession, signInWithKey, signInWithToken, signOut } from "./session.ts";
export { forgetSession, hasRole, isSignedIn, session } from "./session_state.ts";
export { openEvents, type StreamHandlers, type StreamState } from "./event_stream.ts";
export { type Loaded, useLoad } from "./use_load.ts";
export { useThrottled } from "./use_throttled.ts";
export { useEvents } from "./use_events.ts";
export { workerUrl } from "./worker_url.ts";
