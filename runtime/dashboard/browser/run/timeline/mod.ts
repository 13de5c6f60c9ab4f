/**
 * When the attempts of a run ran.
 *
 * @module
 */
export { Timeline } from "./timeline.tsx";
