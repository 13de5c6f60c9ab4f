/**
 * What a request and its answer are made of, whatever they are about.
 *
 * @module
 */
export { nameList, openCursor, sealCursor } from "./cursor.ts";
export {
  hasVersion,
  type Precondition,
  preconditionFailed,
  preconditionRequired,
  readPrecondition,
  toEntityTag,
} from "./entity_tag.ts";
export { HttpError } from "./http_error.ts";
export { InFlight } from "./in_flight.ts";
export { invalidRequest } from "./invalid_request.ts";
export { OnceByKey } from "./once_by_key.ts";
export { prefersEvents, refuseUnacceptable } from "./media_types.ts";
export { errorOf, problemResponse, statusOf, toProblem } from "./problem_response.ts";
export { BODY_LIMITS, type BodyLimits, readBodyText, refuseDeepJson } from "./request_body.ts";
export { requestIdOf, traceParentOf } from "./request_id.ts";
export { TimeLimit } from "./time_limit.ts";
export { STATUS_TEXT } from "./status_text.ts";
