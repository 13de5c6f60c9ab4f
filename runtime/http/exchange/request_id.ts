/** What other programs may name their requests. */
const GIVEN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const TRACE_PARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const BOOT = crypto.randomUUID().slice(0, 8);
let count = 0;

/** Name of a request: the one that it came with, or one of this process. */
export function requestIdOf(headers: Headers): string {
  const given = headers.get("x-request-id");
  if (given !== null && GIVEN.test(given)) return given;
  return `${BOOT}-${(++count).toString(36)}`;
}

/** The trace that a request belongs to (W3C Trace Context §3.2); `undefined` where it is none. */
export function traceParentOf(headers: Headers): string | undefined {
  const given = headers.get("traceparent");
  return given !== null && TRACE_PARENT.test(given) ? given : undefined;
}
